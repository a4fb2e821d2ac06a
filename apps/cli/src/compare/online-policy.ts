import type { Machine } from "@memhp/machine";
import type { RunDocument } from "@memhp/scenario";

const FILE = "/sys/devices/system/memory/auto_online_blocks";
const WORD = "memhp_default_state";

/** What a machine that has just booted does with memory that comes; a kernel without the file onlines nothing by itself. */
export function onlinePolicyOf(machine: Machine): string {
  const read = machine.files.read(FILE);
  return read.ok ? read.value.trim() : "offline";
}

/** The policy that all of them can have: what every kernel knows is to online nothing. */
export function commonPolicy(policies: readonly string[]): string {
  return policies.includes("offline") ? "offline" : (policies[0] ?? "offline");
}

/** A word of the kernel's command line that gives it a policy. */
export function policyWord(policy: string): string {
  return `${WORD}=${policy}`;
}

/** The same document on a machine whose kernel is given this policy at boot. */
export function withPolicy(document: RunDocument, policy: string): RunDocument {
  const { machine } = document;
  const others = machine.cmdline.split(/\s+/).filter((word) => word !== "" && !word.startsWith(`${WORD}=`));
  return { ...document, machine: { ...machine, cmdline: [...others, policyWord(policy)].join(" ") } };
}
