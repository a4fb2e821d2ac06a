export { groupBy } from "./group-by.ts";
export type { Caller, GoneSignal } from "./caller.ts";
export { type Errno, type ErrnoName, errnoFromNumber, errnoNames, errnoNumber, errnoText } from "./errno.ts";
export {
  type MemoryAction,
  type MemoryNotify,
  type NodeAction,
  nodeActions,
  type NodeNotify,
  memoryActionFlags,
  memoryActions,
  NOTIFY_BAD,
  NOTIFY_DONE,
  NOTIFY_OK,
  NOTIFY_STOP,
  NOTIFY_STOP_MASK,
  notifierFromErrno,
  notifierToErrno,
  stopsChain,
} from "./notify.ts";
export {
  type MigrateType,
  type OnlineType,
  onlineTypes,
  onlineTypeWords,
  ZONE_DEVICE,
  ZONE_DMA,
  ZONE_DMA32,
  ZONE_MOVABLE,
  ZONE_NORMAL,
  type ZoneIndex,
  type ZoneName,
  hasZone,
  zoneName,
  zoneNames,
} from "./zone.ts";
export {
  PAGE_KB,
  STRUCT_PAGE_BYTES,
  alignDown,
  alignUp,
  formatNumberList,
  formatSize,
  GIB,
  isAligned,
  isPowerOfTwo,
  KIB,
  memparse,
  MIB,
  overlaps,
  ParseError,
  parseNumberList,
  parseSize,
  type PfnRange,
  TIB,
  unsignedLong,
} from "./pfn.ts";
export {
  type Bounds,
  callable,
  checkedTask,
  knownKeys,
  knownOptions,
  listOf,
  nonEmptyText,
  oneOf,
  record,
  text,
  truth,
  wholeNumber,
} from "./arguments.ts";
export { type Architecture, hugepageOrders, maxOrderPages, pageblockPages, pagesPerSection } from "./arch.ts";
export { kstrtoll, kstrtoul10, kstrtouint, kstrtoull, simpleStrtoll, sysctlNumber } from "./kernel-number.ts";
export { type PageKindName, pageKinds } from "./page-kind.ts";
export {
  builtWithout,
  type ConfigSetting,
  type ConfigSwitch,
  type DefaultOnlineType,
  defaultOnlineTypes,
  type KernelConfig,
} from "./config.ts";
export {
  done,
  type PossibleOwner,
  type Refusal,
  type RefusalCode,
  refusalCodes,
  type Refused,
  refused,
  refusedAndTold,
  type RefusedPage,
  type Result,
} from "./refusal.ts";
export { type RuleSource, ruleSources, sectionOf } from "./rule-source.ts";
export { joinRefusals } from "./refusal-group.ts";
export { offendersText, pageKindText, refusalSentences } from "./refusal-text.ts";
export { Task, type TaskState } from "./task.ts";
export { compareEvents, type EventBody, type SimEvent } from "./event.ts";
