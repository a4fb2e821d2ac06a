export { comparedTraceIds } from "./compared.ts";
export { type KnownDifference, knownDifferences } from "./known-differences.ts";
export { type Replay, replay } from "./replay.ts";
export { type WithoutGiven, withoutGiven } from "./without-given.ts";
export { readTrace, type TraceId, traceIds, tracesNamed, traceText } from "./traces.ts";
