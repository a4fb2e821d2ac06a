import type { KconfigSwitch } from "../kconfig/kconfig-switch.ts";
import { common, defaultOnline } from "../kconfig/switches.ts";

export const kconfig: readonly KconfigSwitch[] = [...common, defaultOnline];
