import type { EngineKernel, HotplugRules } from "@memhp/engine";
import type { NotifierKernel } from "@memhp/notifier";

/** What hotplug needs to know of a kernel. */
export interface HotplugKernel extends EngineKernel, NotifierKernel {
  readonly hotplug: HotplugRules;
}
