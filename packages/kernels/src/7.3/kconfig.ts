import type { KconfigSwitch } from "../kconfig/kconfig-switch.ts";
import { common, crashHotplug, defaultOnlineTypes, otherwise, selectedMigration } from "../kconfig/switches.ts";

/** MIGRATION has no prompt (mm/Kconfig of 7.1.5), and this build has CMA (observed-newer §1 8). */
export const kconfig: readonly KconfigSwitch[] = [
  ...otherwise(common, { MIGRATION: selectedMigration }),
  ...defaultOnlineTypes,
  crashHotplug,
];
