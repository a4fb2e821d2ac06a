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

export const linux61: Kernel = {
  id: "6.1",
  title: "6.1",
  version: { major: 6, minor: 1 },
  about: "Debian's 6.1 (6.1.192), x86_64",
  recordedRuns: 131,
  recordedSteps: 5064,
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
