export { createNotifierChain } from "./chain.ts";
export { NotifierCallbackError } from "./callback-error.ts";
export { createMemoryNotifier } from "./memory.ts";
export { createNodeNotifier, type NodeNotifier } from "./node.ts";
export { offlineStatusChange, onlineStatusChange, toldStatus, unsetStatusChange } from "./status-change.ts";
export { countNodeMasks, masksAfterOffline, masksAfterOnline } from "./node-masks.ts";
export { createErrorInjector, injectableActions } from "./error-injection.ts";
export { createListener, createRecorder, EARLY_PRIORITY, LATE_PRIORITY } from "./recorder.ts";

export type { NotifierCallback } from "./callback.ts";
export type { NotifierChain, NotifierChainOptions, NotifierObserver, Registration } from "./chain.ts";
export type { NotifierCall, NotifierOutcome } from "./outcome.ts";
export type { MemoryNotifier, MemoryNotifierCallback } from "./memory.ts";
export type { OfflineStatusInput, OnlineStatusInput, StatusChange } from "./status-change.ts";
export type { NotifierKernel, NotifierRules } from "./notifier-rules.ts";
export type { NodeMasks } from "./node-masks.ts";
export type { ErrorInjector, ErrorInjectorOptions, InjectableAction } from "./error-injection.ts";
export type { Recording } from "./recorder.ts";
