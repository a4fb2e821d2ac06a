import type { OnlineType, Refusal, Result, ZoneIndex } from "@memhp/abi";
import {
  accountOffline,
  accountOnline,
  addBalance,
  addRange,
  balanceOfNode,
  bindZoneForOnline41,
  BlockFlag,
  BlockState,
  bootStores,
  growSpansForOnline,
  addUnmovablePage,
  isolateBlock,
  type MemoryMap,
  NO_ZONE,
  nodeHasBlocks,
  nodeOf,
  type OnlinePolicy,
  type PageStore,
  type PolicyInput,
  populateBlock,
  refuseBeforeIsolation,
  refuseOnline,
  refuseUnlessIsolated,
  removeRange,
  shrinkSpansForOffline,
  undoIsolation,
  unmovableBlocks,
  withdrawBlock,
  zoneForOnline6,
} from "@memhp/engine";
import { BLOCK } from "./boards.ts";

/** contig-zones, as every kernel boots. */
export const contigZones: OnlinePolicy = { policy: "contig-zones", ratio: 301, numaAware: true, movableNode: false };

/** Zones, spans and pages of an online or offline, in the kernel's order and with nobody to notify or to move. */
export interface HotplugDriver {
  readonly map: MemoryMap;
  /** The page map of the node that a block belongs to. */
  readonly storeOf: (block: number) => PageStore;
  /** The kernel allocates a page in an online block. */
  readonly addUnmovablePage: (block: number) => void;
  /** Adds a DIMM of `blocks` blocks, which is one memory group. */
  readonly add: (node: number, startPfn: number, blocks: number) => number[];
  readonly remove: (node: number, startPfn: number, blocks: number) => number[];
  readonly online: (block: number, type?: OnlineType) => Result<ZoneIndex>;
  readonly offline: (block: number) => Result<ZoneIndex>;
  readonly policyFor: (node: number) => PolicyInput;
}

export function driverOf(map: MemoryMap, policy: OnlinePolicy = contigZones): HotplugDriver {
  const groupMaxPages = new Map<number, number>();
  const stores = bootStores(map);
  const storeOf = (block: number): PageStore => stores.of(map.blocks.node(block));

  function policyFor(node: number): PolicyInput {
    const others = [...map.nodes.values()].filter(({ id }) => id !== node).map(balanceOfNode);
    return {
      ...policy,
      groupMaxPages,
      otherNodes: others.reduce(addBalance, { earlyKernelPages: 0, movablePages: 0 }),
    };
  }

  function chooseZone(block: number, type: OnlineType): Result<ZoneIndex> {
    const refusal = refuseOnline(map, block);
    if (refusal !== undefined) return { ok: false, refusal };
    if (map.kernel.zones.zoneBinding === "at-add") return bindZoneForOnline41(map, block, type);
    const zone = zoneForOnline6(map, block, type, policyFor(map.blocks.node(block)));
    map.blocks.setZone(block, zone);
    growSpansForOnline(map, block, zone);
    return { ok: true, value: zone };
  }

  function countMasks(block: number): void {
    const node = nodeOf(map, map.blocks.node(block));
    node.hasMemory = node.presentPages > 0;
    const kernelPages = node.zones.slice(0, 3).reduce((sum, zone) => sum + zone.presentPages, 0);
    node.hasNormalMemory = (map.kernel.config.MOVABLE_NODE ? kernelPages : node.presentPages) > 0;
  }

  /** What holds a block back, of the checks that look at its pages; one that is refused is as it was. */
  function refusePages(block: number): Refusal | undefined {
    const refusal = isolateBlock(storeOf(block), block);
    if (refusal !== undefined) return refusal;
    const held = refuseUnlessIsolated(storeOf(block), block);
    if (held !== undefined) undoIsolation(storeOf(block), block);
    return held;
  }

  return {
    map,
    policyFor,
    storeOf,
    addUnmovablePage(block) {
      const store = storeOf(block);
      if (!addUnmovablePage(store, block, "kernel")) throw new Error(`block ${block} has no free page`);
      const unmovable = unmovableBlocks(store);
      map.blocks.setFlag(block, BlockFlag.unmovable, unmovable.has(block));
    },
    add(node, startPfn, blocks) {
      const group = groupMaxPages.size;
      groupMaxPages.set(group, blocks * BLOCK);
      const range = { node, startPfn, nrPages: blocks * BLOCK, group };
      return addRange(map, { ...range, altmapPages: 0, firmware: true, driverManaged: false });
    },
    remove(node, startPfn, blocks) {
      const removed = removeRange(map, { node, startPfn, nrPages: blocks * BLOCK });
      const emptied = nodeOf(map, node);
      if (nodeHasBlocks(map, node)) return removed;
      emptied.online = false;
      // Its wait tables go too (del-node1-whole).
      for (const zone of emptied.zones) zone.initialised = false;
      return removed;
    },
    online(block, type = "online") {
      const chosen = chooseZone(block, type);
      if (!chosen.ok) return chosen;
      accountOnline(map, block, chosen.value);
      const parts = map.parts.get(block);
      const node = map.blocks.node(block);
      populateBlock(storeOf(block), { block, node, zone: chosen.value, ...(parts === undefined ? {} : { parts }) });
      map.blocks.setState(block, BlockState.online);
      countMasks(block);
      return chosen;
    },
    offline(block) {
      const refusal = refuseBeforeIsolation(map, block) ?? refusePages(block);
      if (refusal !== undefined) return { ok: false, refusal };
      const zone = map.blocks.zone(block) as ZoneIndex;
      map.blocks.setState(block, BlockState.offline);
      accountOffline(map, block, zone);
      withdrawBlock(storeOf(block), block);
      if (map.kernel.zones.spansShrink === "on-offline") {
        map.blocks.setZone(block, NO_ZONE);
        shrinkSpansForOffline(map, block, zone);
      }
      countMasks(block);
      return { ok: true, value: zone };
    },
  };
}
