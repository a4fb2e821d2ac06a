export { absentRow, type BlockRow, BlockFlag, BlockState, BlockTable, MIXED_ZONES, NO_ZONE } from "./block-table.ts";
export {
  emptyZone,
  growSpan,
  isZoneEmpty,
  nameOfZone,
  resizeSpan,
  type Span,
  type Zone,
  zoneEndPfn,
  zoneIntersects,
} from "./zone.ts";
export {
  blockEndPfn,
  type BlockPart,
  blockStartPfn,
  copyNode,
  createMemoryMap,
  emptyNode,
  isBlockOnline,
  type MemoryMap,
  type NodeMemory,
  nodeOf,
  nodesOfBlock,
  type PageHome,
  pageHome,
  partsOfBlock,
  retagBlock,
  zoneOfBlock,
} from "./memory-map.ts";
export { memoryBlockSize, type RamExtent } from "./block-size.ts";
export {
  coreOptionPages,
  findZoneMovablePfns,
  type MovableOptions,
  type NodeRam,
  type SplitGeometry,
} from "./movable-split.ts";
export { type BootLayout, bootMemoryMap, type BootNode, movableStarts } from "./boot.ts";
export { bindZoneForOnline41, canMoveDown, canMoveUp, zoneAtAdd } from "./zone-binding-4.1.ts";
export {
  addBalance,
  balanceOfNode,
  kernelZoneFor,
  type MovableBalance,
  type OnlinePolicy,
  type PolicyInput,
  refuseOnline6,
  zoneForOnline6,
} from "./zone-choice-6.ts";
export { isInOneZone41, validZones } from "./valid-zones.ts";
export {
  accountOffline,
  accountOnline,
  growSpansForOnline,
  recountZone,
  shrinkSpansForOffline,
  type ZoneRecount,
} from "./accounting.ts";
export { type AddRange, addRange, nodeHasBlocks, removeRange } from "./hot-add.ts";
export { isRemovable, refuseBeforeIsolation, refuseIsolation, refuseVerification } from "./offline-rules.ts";
