export { createQmpClient, QmpClientError } from "./client.ts";
export { createQmpSession } from "./session.ts";
export { createQmpDispatcher } from "./dispatcher.ts";
export { createMemoryBackends } from "./memory-backends.ts";
export { deviceLabel, resolveQomPath } from "./qom.ts";
export { qmpEventsOf } from "./event.ts";
export { DIMM_ERRORS } from "./dimm-errors.ts";
export { DEFAULT_VERSION, isQemuSince, readQemuVersion } from "./version.ts";
export { QEMU_LIMITS } from "./json/stream.ts";
export { deviceNotFound, genericError, OK } from "./result.ts";

export type { QmpClient, QmpClientEvent, QmpClientOptions } from "./client.ts";
export type { QmpCommand, QmpCommands } from "./commands/own-command.ts";
export type { QmpValue } from "./json/plain.ts";
export type { QmpSession, QmpSessionOptions } from "./session.ts";
export type { QmpDispatcher } from "./dispatcher.ts";
export type {
  MemoryBackendRam,
  DimmInSlot,
  MemoryDevice,
  VirtioMemDevice,
  MemorySizeSummary,
  PcDimm,
  QmpPort,
  RunState,
  VirtioMemPci,
} from "./port.ts";
export type { QemuVersion } from "./version.ts";
export type { OspmStatus } from "./ospm-status.ts";
export type { MemoryBackends } from "./memory-backends.ts";
export type { QomKind, QomNames } from "./qom.ts";
export type { QmpEvent } from "./event.ts";
export type { JsonLimits } from "./json/stream.ts";
export type { Awaitable, QmpError, QmpErrorClass, QmpRefused, QmpResult } from "./result.ts";
