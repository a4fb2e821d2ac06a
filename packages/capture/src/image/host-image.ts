import { type ConfigSetting, knownOptions, zoneNames } from "@memhp/abi";
import { findKernel, kernels, defaultKernel } from "@memhp/kernels";
import { boot, type MachineImage, withRemovableFlags } from "@memhp/machine";
import type { Host } from "../host/host.ts";
import { surveyHost } from "../judge/host-memory.ts";
import { unmarkedPages } from "../judge/isolation.ts";
import { chooseRules } from "../rules/choose-rules.ts";
import type { HostRules } from "../rules/host-rules.ts";
import { mapBlocks, mapImage, type MappedBlock, nodeIds } from "./host-map.ts";
import { NodePages } from "./host-pages.ts";
import { hostSpec } from "./host-spec.ts";
import { ImageImpossible } from "./image-impossible.ts";

/** What a captured host's machine is given besides what was captured. */
export interface HostImageOptions {
  /** Kernel of the machine; by default the nearest to the host's that memhp simulates. */
  readonly kernel?: string;
  /** Switches that it is built with instead of its own. */
  readonly config?: ConfigSetting;
  /** Seeds what loads draw; 0 unless told. */
  readonly seed?: number;
}

/** The kernel that memhp boots for hosts of these rules: theirs, or the newest that is not newer. */
function kernelFor({ id, version: [major, minor] }: HostRules): string {
  const notNewer = kernels.filter(
    ({ version }) => version.major < major || (version.major === major && version.minor <= minor),
  );
  return (findKernel(id) ?? notNewer.at(-1) ?? defaultKernel).id;
}

const OPTIONS: Readonly<Record<keyof HostImageOptions, true>> = { kernel: true, config: true, seed: true };

/**
 * A captured host as a machine to start from: its nodes, zones, blocks and pages. Pages whose flags do not tell what they are belong
 * to `unknown`. Loads, devices and what was written into files of the host are not in a capture and not in the image.
 * @throws ImageImpossible
 */
export function hostImage(host: Host, options: HostImageOptions = {}): MachineImage {
  knownOptions("hostImage: options", options, OPTIONS);
  if (host.flags === undefined)
    throw new ImageImpossible("/proc/kpageflags is missing; capture the host as root, or give its `countedHost`");
  if (host.ram === undefined) throw new ImageImpossible("/proc/iomem is missing or empty; capture the host as root");
  if (host.zones.length === 0) throw new ImageImpossible("/proc/zoneinfo is missing");
  const { rules } = chooseRules(host, options.kernel);
  const memory = surveyHost(host);
  const blocks = mapBlocks(host);
  const kernel = options.kernel ?? kernelFor(rules);
  assertBound(blocks, kernel);
  const { config, seed } = options;
  const image = boot(hostSpec(host), {
    kernel,
    ...(config === undefined ? {} : { config }),
    ...(seed === undefined ? {} : { seed }),
  });
  const unmarked = unmarkedPages(memory, rules);
  const pages = new Map(nodeIds(host).map((node) => [node, new NodePages(memory, node, unmarked)]));
  for (const block of blocks) if (block.isOnline) for (const node of block.nodes) pages.get(node)?.add(block);
  const bytes = host.ram.map(({ start, end }) => ({ start: start * host.pageSize, end: end * host.pageSize }));
  return withRemovableFlags({
    ...image,
    board: {
      ...image.board,
      blockSizeBytes: host.blockSize,
      ram: bytes,
      firmware: bytes,
      proximity: nodeIds(host).map((node) => [node, node]),
      possibleNodes: nodeIds(host),
      nodes: nodeIds(host).map((node) => ({
        node,
        ranges: rangesOf(host, node),
        hotpluggable: [],
        cpus: host.cpus.get(node) ?? [],
      })),
    },
    memory: {
      ...image.memory,
      nodes: {
        map: mapImage(host, blocks, (node, zone) => ({
          present: pages.get(node)?.present(zone) ?? 0,
          managed: pages.get(node)?.managed(zone) ?? 0,
        })),
        pages: nodeIds(host).map((node) => (pages.get(node) as NodePages).finish()),
        places: [],
      },
      endPfn: 0,
    },
    physical: {
      resources: bytes.map(({ start, end }) => ({ start, end, name: "System RAM", busy: true })),
      memmap: bytes.map(({ start, end }) => ({ start, end: end - 1, type: "System RAM" })),
    },
  });
}

/** Such kernels bind memory to a zone when it is added (facts §5.1); of offline blocks no file says to which. @throws ImageImpossible */
function assertBound(blocks: readonly MappedBlock[], kernel: string): void {
  const offline = blocks.find(({ isOnline }) => !isOnline);
  if (offline !== undefined && findKernel(kernel)?.zones.zoneBinding === "at-add")
    throw new ImageImpossible(
      `block ${offline.block} is offline, and on Linux ${kernel} it is in a zone all the same, which nothing tells; choose a newer --kernel`,
    );
}

/** Spans of a node's zones, as boot memory. */
function rangesOf({ zones }: Host, node: number): { startPfn: number; endPfn: number }[] {
  return zones
    .filter((zone) => zone.node === node && zone.present > 0 && zoneNames.indexOf(zone.zone) < 4)
    .map(({ startPfn = 0, spanned }) => ({ startPfn, endPfn: startPfn + spanned }))
    .sort((a, b) => a.startPfn - b.startPfn);
}
