import type { MemoryDriverRules } from "@memhp/engine";
import { drivers as drivers612 } from "../6.12/drivers.ts";
import { withKmem } from "../shared/drivers.ts";

/** virtio_mem: as 6.12 in all recorded runs (observed-newer §2). kmem from source, not recorded (drivers/dax/kmem.c). */
export const drivers: MemoryDriverRules = withKmem(drivers612, { tellsTruncation: true });
