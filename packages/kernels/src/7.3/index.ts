import type { Kernel } from "../kernel.ts";
import { acpi } from "./acpi.ts";
import { add } from "./add.ts";
import { boot } from "./boot.ts";
import { capture } from "./capture.ts";
import { config } from "./config.ts";
import { counters } from "./counters.ts";
import { drivers } from "./drivers.ts";
import { hotplug } from "./hotplug.ts";
import { kconfig } from "./kconfig.ts";
import { machine } from "./machine.ts";
import { notifier } from "./notifier.ts";
import { pageFlags } from "./page-flags.ts";
import { pages } from "./pages.ts";
import { recorder } from "./recorder.ts";
import { sysfs } from "./sysfs.ts";
import { text } from "./text.ts";
import { watermarks } from "./watermarks.ts";
import { zones } from "./zones.ts";

export const linux73: Kernel = {
  id: "7.3",
  title: "7.3",
  version: { major: 7, minor: 3 },
  about: "Debian's 7.3 (7.3.4), x86_64",
  recordedRuns: 49,
  recordedSteps: 660,
  config,
  kconfig,
  capture,
  boot,
  zones,
  pages,
  notifier,
  hotplug,
  acpi,
  sysfs,
  text,
  pageFlags,
  counters,
  watermarks,
  add,
  machine,
  drivers,
  recorder,
};
