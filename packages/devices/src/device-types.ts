import { balloon } from "./balloon/balloon.ts";
import { container } from "./container/container.ts";
import { dax } from "./dax/dax.ts";
import type { DeviceType } from "./device-type.ts";
import { dimm } from "./dimm/dimm.ts";
import { standby } from "./standby/standby.ts";
import { virtioMem } from "./virtio-mem/virtio-mem.ts";

/** All memory devices that memhp has. In the namespace they come in this order: QEMU's keep their names. */
export const deviceTypes: readonly DeviceType[] = [dimm, container, virtioMem, dax, balloon, standby];
