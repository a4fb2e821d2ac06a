export { type QemuOptions, QemuError, startQemu } from "./qemu/qemu-target.ts";
export { type MemhpOptions, startMemhp } from "./memhp/memhp-target.ts";
export { Driver, StepError, type StepOutcome } from "./driver.ts";
export { checkRecordable, record, type RecordedStep, type RecordedTrace, RecordError } from "./record.ts";
export { compareRecordings } from "./compare.ts";
export type { Guest, KernelReports, Monitor, QmpAnswer, QmpEventMessage, Target } from "./target.ts";
