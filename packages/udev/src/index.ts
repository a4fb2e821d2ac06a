export { type Distribution, distributionRules } from "./distribution-rules.ts";
export { matchesGlob } from "./rules/glob.ts";
export { parseRules, RulesError } from "./rules/parse.ts";
export { runRules } from "./rules/run-rules.ts";
export { MONITOR_BANNER, monitorText, netlinkText, ueventNumbering, ueventProperties } from "./uevent.ts";
export { UeventFaults } from "./uevent-faults.ts";
export { WorkerPool } from "./worker-pool.ts";

export type { Operator, Rule, RuleFile, RuleToken } from "./rules/parse.ts";
export type { RulesOutcome, RuleWrite } from "./rules/run-rules.ts";
export type { UdevPort } from "./rules/udev-port.ts";
export type { UeventFault } from "./uevent-faults.ts";
export type { Uevent } from "./uevent.ts";
export type { PoolJob, WorkerPoolOptions } from "./worker-pool.ts";
