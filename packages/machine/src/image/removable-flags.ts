import { flagUnmovable } from "@memhp/engine";
import { restoreNodes, snapshotNodes } from "@memhp/hotplug";
import { type Kernel, kernelFor, withConfig } from "@memhp/kernels";
import { platformOf } from "@memhp/platforms";
import { builtPlatform } from "../board/built-platform.ts";
import type { MachineImage } from "./machine-image.ts";

/**
 * The same machine with what `removable` of each block reads, as its pages say: for whoever has put an image together from pages.
 * Only a kernel that scans them for that file has such a thing (4.1; facts §2.7).
 */
export function withRemovableFlags(image: MachineImage): MachineImage {
  const platform = platformOf(image.spec.arch);
  const named: Kernel = typeof image.kernel === "string" ? kernelFor(image.kernel, platform.id) : image.kernel;
  const kernel = withConfig(named, image.config ?? {});
  if (kernel.zones.removableFile !== "page-scan") return image;
  const state = restoreNodes(image.memory.nodes, kernel, builtPlatform(platform, kernel).arch);
  flagUnmovable(state.map, state.stores, new Set(state.map.nodes.keys()));
  return { ...image, memory: { ...image.memory, nodes: snapshotNodes(state) } };
}
