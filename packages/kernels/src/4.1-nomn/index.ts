import { linux41 } from "../4.1/index.ts";
import type { Kernel } from "../kernel.ts";

/** A build of 4.1, not a kernel of its own: one switch apart. */
export const linux41nomn: Kernel = {
  ...linux41,
  id: "4.1-nomn",
  title: "4.1 without MOVABLE_NODE",
  about: "Linux 4.1.5 built without MOVABLE_NODE",
  recordedRuns: 10,
  recordedSteps: 85,
  config: { ...linux41.config, MOVABLE_NODE: false },
};
