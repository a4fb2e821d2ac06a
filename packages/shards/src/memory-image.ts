import type { DynamicGroup } from "@memhp/engine";
import type { NodesImage } from "@memhp/hotplug";
import type { ClockImage } from "./machine-clock.ts";

/** What the shards of a machine hold, at rest. Plain data. */
export interface MemoryImage {
  readonly nodes: NodesImage;
  /** Pages of each memory group (one DIMM). */
  readonly groupPages: readonly (readonly [group: number, pages: number])[];
  /** Groups that drivers grow and shrink; absent where there are none. */
  readonly dynamicGroups?: readonly DynamicGroup[];
  /** max_pfn. */
  readonly endPfn: number;
  readonly clock: ClockImage;
}
