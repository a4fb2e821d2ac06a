export {
  absentRow,
  type BlockRow,
  type BlockRange,
  type BlockRun,
  BlockFlag,
  BlockState,
  BlockTable,
  MIXED_ZONES,
  NO_ZONE,
} from "./block-table.ts";
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
  type WithheldRange,
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
  strayParts,
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
  dynamicGroupBalance,
  type DynamicGroup,
  type GroupBalance,
  kernelZoneFor,
  type MovableBalance,
  type OnlinePolicy,
  type PolicyInput,
  zoneForOnline6,
} from "./zone-choice-6.ts";
export { refuseOnline } from "./refuse-online.ts";
export { defaultPolicy } from "./default-policy.ts";
export { isInOneZone41, validZones } from "./valid-zones.ts";
export { lowmemReserve, type Watermarks, zoneFloors, zoneWatermarks } from "./watermarks.ts";
export {
  accountOffline,
  accountOnline,
  growSpansForOnline,
  pagesPastEnd,
  recountZone,
  shrinkSpansForOffline,
  type ZoneRecount,
} from "./accounting.ts";
export { type AddRange, addRange, nodeHasBlocks, removeRange } from "./hot-add.ts";
export { endOfRemoval, hasSection, hasStructPage } from "./sections.ts";
export { isRemovable, oneZoneRule, refuseBeforeIsolation } from "./offline-rules.ts";
export { flagUnmovable } from "./unmovable-flags.ts";
// Images: a map and its pages as plain data.
export { ImageError } from "./image/image-error.ts";
export {
  type BlocksImage,
  type MemoryMapImage,
  mergeMemoryMaps,
  restoreMemoryMap,
  sliceMemoryMap,
  snapshotMemoryMap,
} from "./image/memory-map-image.ts";
export { type FreeListImage } from "./image/free-lists-image.ts";
export { type PageStoreImage, restorePageStore, snapshotPageStore } from "./image/page-store-image.ts";
export { type PageUse } from "./image/page-uses.ts";
export { type Progressions, progressionsOf, valuesOf } from "./image/progressions.ts";
export { type ValueRuns } from "./image/value-runs.ts";
// The page level.
export { allocate, allocateFrom, type AllocateRequest, type Floors } from "./pages/allocate.ts";
export { freeChunks } from "./pages/buddy.ts";
export { takeRange } from "./pages/split-free-chunk.ts";
export {
  dissolveHugepages,
  freeHugepages,
  growHugepagePool,
  hugepagePool,
  pmdOrder,
  pudOrder,
  putHugepage,
  shrinkHugepagePool,
  takeHugepage,
} from "./pages/hugepages.ts";
export { firstToMove, type FrameRange, isolateRange, refuseUnlessFree, unisolateRange } from "./pages/contiguous.ts";
export { referWithheld, releaseFrames, withheldOf, withholdFrames } from "./pages/withheld.ts";
export { isIdleBlock } from "./pages/row-form.ts";
export { isIsolated, isolateBlock, refuseUnlessIsolated, undoIsolation } from "./pages/isolation.ts";
export { allocateLoad } from "./pages/load/allocate-load.ts";
export { churnLoads } from "./pages/load/churn-loads.ts";
export { growLoad } from "./pages/load/grow-load.ts";
export { highestZoneOfLoad, type LoadKind, loadKinds } from "./pages/load/load-kinds.ts";
export {
  type Load,
  type LoadContext,
  loadOwner,
  loadPages,
  type LoadRequest,
  type NodePolicy,
  pagesOfLoad,
} from "./pages/load/load.ts";
export { endLoad, releaseLoad, shrinkLoad } from "./pages/load/release-load.ts";
export { unpinLoad, unpinOwner } from "./pages/load/unpin-load.ts";
export { giveMemmapBack, takeMemmap } from "./pages/memmap.ts";
export { MigrateClass } from "./pages/migrate-class.ts";
export { setupMigrateReserve } from "./pages/migrate-reserve.ts";
export {
  beginMigration,
  endMigration,
  migrateBatch,
  type MigrateOutcome,
  type Migration,
  settleMigration,
  isWaiting,
  foliosWaiting,
} from "./pages/migration.ts";
export {
  type Destination,
  highestTargetZone,
  hugepageTargetNodes,
  type MigrationContext,
  offlineDestination,
  softOfflineDestination,
  targetNodes,
} from "./pages/migration-target.ts";
export { type NodePages, nodePages, type ZonePages } from "./pages/node-pages.ts";
export { predictOffline } from "./pages/predict-offline.ts";
export { dropCaches } from "./pages/drop-caches.ts";
export { bootStores, type KernelPlacement, NodeStores } from "./pages/node-stores.ts";
export { addUnmovablePage, removeUnmovablePages } from "./pages/unmovable-page.ts";
export { type TargetsFound, type MigratingFolios, allocateTargets } from "./pages/migrating-folios.ts";
export type { EngineKernel } from "./engine-kernel.ts";
export type { BootRules } from "./boot-rules.ts";
export { type BootHugepages, kernelMemory, type KernelRange } from "./kernel-memory.ts";
export type { KernelMemoryRules } from "./kernel-memory-rules.ts";
export type { DaxSource, KmemRules, MemoryDriverRules, VirtioMemRules } from "./driver-rules.ts";
export type { HotplugRules } from "./hotplug-rules.ts";
export type { WatermarkRules } from "./watermark-rules.ts";
export type { ZoneRules } from "./zone-rules.ts";
export type { PageRules } from "./pages/page-rules.ts";
export type { PageOfflineRules } from "./pages/page-offline-rules.ts";
export { indexOf, pfnOf } from "./pages/page-index.ts";
export { keepsFrames } from "./pages/contiguous.ts";
export { PageKind, type PageKindName, pageKinds } from "./pages/page-kind.ts";
export { PageStore } from "./pages/page-store.ts";
export {
  blockUse,
  type BlockUse,
  type HugepagesInUse,
  type PageRun,
  pageRuns,
  type PageView,
  viewPage,
} from "./pages/page-view.ts";
export { hardOfflinePage, softOfflinePage, type WantsTargets } from "./pages/poison.ts";
export { reclaimFilePages } from "./pages/reclaim.ts";
export {
  forgetPoison,
  managedPages,
  type PagePart,
  poisonedIn,
  type Populate,
  populateBlock,
  withdrawBlock,
} from "./pages/populate.ts";
export { Prng } from "./pages/prng.ts";
export { type CounterError, counterErrors, type PageRecount, recountPages } from "./pages/recount.ts";
export { scanMovable, type ScanResult } from "./pages/scan.ts";
export { refuseUnmovable, unmovableBlocks } from "./pages/unmovable.ts";
export { freeUsed, pin } from "./pages/used-pages.ts";
export { nodeFallbackOrder, zonelist } from "./pages/zonelist.ts";
