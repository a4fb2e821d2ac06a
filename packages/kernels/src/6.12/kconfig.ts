import type { KconfigSwitch } from "../kconfig/kconfig-switch.ts";
import { common, crashHotplug, defaultOnline } from "../kconfig/switches.ts";

export const kconfig: readonly KconfigSwitch[] = [...common, defaultOnline, crashHotplug];
