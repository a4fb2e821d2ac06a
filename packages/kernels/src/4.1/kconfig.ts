import type { KconfigSwitch } from "../kconfig/kconfig-switch.ts";
import { common, movableNode } from "../kconfig/switches.ts";

export const kconfig: readonly KconfigSwitch[] = [...common, movableNode];
