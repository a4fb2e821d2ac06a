export { faultyReads } from "./faults/faulty-tree.ts";
export { faultOperations, FileFaults, type FileFaultsImage } from "./faults/file-faults.ts";
export { faultUsage, parseFault } from "./faults/parse-fault.ts";
export { createTree } from "./tree.ts";
export { type StubOverrides, stubKernel } from "./stub-kernel.ts";
export { nothingWritten, type Written } from "./written.ts";
export { exportTree, importTree } from "./export.ts";
export { readOnly, readWrite, type StoreAnswer, writeOnly } from "./attribute.ts";
export type { AddedFiles } from "./added-files.ts";
export { KPF, NO_PAGE, pageFlags } from "./page-flags.ts";

export type { ActiveFault, FaultOperation, FaultWhen, FileFault, Strike } from "./faults/file-faults.ts";
export type { Tree, TreeOptions, WriteAnswer } from "./tree.ts";
export type { ReadTree, Stat, WalkEntry } from "./read-tree.ts";
export type { EntryKind, FileNode, LinkNode } from "./tree-node.ts";
export { parseBool } from "./bool.ts";
export { link } from "./tree-node.ts";
export type { ExportedEntry, StaticTree } from "./export.ts";
export type {
  BlockView,
  Change,
  Counters,
  DropCaches,
  HugepagesView,
  IomemEntry,
  KernelPort,
  MeminfoView,
  ModuleParameter,
  NodeMasks,
  NodeView,
  PageRun,
  PagesetView,
  PageTypeView,
  ZoneView,
} from "./kernel-port.ts";
export type { FlaggedPage, FlagReading, FlagsByKind, KpfName } from "./page-flags.ts";
export type { KernelText } from "./kernel-text.ts";
export type { PagetypeinfoRules, SysfsKernel, SysfsRules, UeventRules } from "./sysfs-rules.ts";
export type { AcpiDeviceView, AcpiPort, ContainerView } from "./acpi-port.ts";
export { alreadyInState } from "./refusals.ts";
