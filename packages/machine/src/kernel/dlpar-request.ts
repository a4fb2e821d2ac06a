import { done, type Errno, type KernelConfig, kstrtoull, refused, type Result } from "@memhp/abi";
import type { DlparPort } from "@memhp/devices";

/** What a request is answered from. Bytes. */
interface DlparHost {
  readonly dlpar: DlparPort;
  readonly lmbBytes: number;
  readonly config: KernelConfig;
  /** First bytes of the LMBs that devices have, ascending, and whether the kernel has each. */
  lmbs(): readonly { readonly start: number; readonly node: number; readonly isAssigned: boolean }[];
  log(text: string): void;
}

const DRC_BASE = 0x8000_0000;

/** A write to /sys/kernel/dlpar: `memory remove count 1`, `memory add index 0x80000008` (p_dlpar). */
export async function dlparRequest(host: DlparHost, text: string): Promise<Result<void>> {
  const errno = await perform(host, text.trim());
  if (errno === 0) return done(undefined);
  host.log(`dlpar: Could not handle DLPAR request "${text.trim()}"`);
  return refused({
    errno,
    code: "bad_word",
    rule: "observed-newer §3: requests that DLPAR cannot handle",
    retry: "maybe",
    remedy: ["write memory add or remove, then count N or index DRC, of LMBs that a DIMM has"],
    detail: text.trim(),
  });
}

async function perform(host: DlparHost, text: string): Promise<Errno | 0> {
  const [resource, action, by, operand = "", ...rest] = text.split(/ +/);
  const { MEMORY_HOTPLUG, MEMORY_HOTREMOVE } = host.config;
  // Stubs (arch/powerpc/platforms/pseries/hotplug-memory.c, pseries.h).
  if (resource === "memory" && (!MEMORY_HOTPLUG || (action === "remove" && !MEMORY_HOTREMOVE))) return "EOPNOTSUPP";
  if (resource !== "memory") {
    host.log("dlpar: Invalid resource specified.");
    return "EINVAL";
  }
  const number = kstrtoull(operand);
  const isKnown = (action === "add" || action === "remove") && (by === "count" || by === "index") && rest.length === 0;
  if (!isKnown || typeof number === "string") return "EINVAL";
  const say = (what: string): void => host.log(`pseries-hotplug-mem: ${what}`);
  if (by === "count") {
    say(`Attempting to hot-${action} ${number} LMB(s)`);
    return action === "add" ? addCount(say) : removeCount(host, say, Number(number));
  }
  const start = (Number(number) - DRC_BASE) * host.lmbBytes;
  const lmb = host.lmbs().find((each) => each.start === start);
  if (lmb === undefined || lmb.isAssigned !== (action === "remove")) return "EINVAL";
  say(`Attempting to hot-${action} LMB, drc index ${number.toString(16)}`);
  if (action === "remove") return (await host.dlpar.removeOne(lmb.start, lmb.node)).ok ? 0 : "EBUSY";
  say(`Failed to hot-add memory, drc index ${number.toString(16)}`);
  // QEMU has taken its connector back.
  return "EPERM";
}

/** LMBs that are not the kernel's have no connector that it could acquire. */
function addCount(say: (text: string) => void): Errno {
  say("Memory hot-add failed, removing any added LMBs");
  return "EINVAL";
}

async function removeCount(host: DlparHost, say: (text: string) => void, count: number): Promise<Errno | 0> {
  const there = host.lmbs().filter(({ isAssigned }) => isAssigned);
  if (count === 0) return "EINVAL";
  if (there.length < count) {
    say(`Not enough LMBs available (${there.length} of ${count}) to satisfy request`);
    return "EINVAL";
  }
  const gone: typeof there = [];
  for (const lmb of there) {
    if (gone.length === count) break;
    if ((await host.dlpar.removeOne(lmb.start, lmb.node)).ok) gone.push(lmb);
  }
  if (gone.length < count) {
    say("Memory hot-remove failed, adding LMB's back");
    for (const { start, node } of gone) await host.dlpar.addOne(start, node);
    return "EINVAL";
  }
  for (const { start } of gone) say(`Memory at ${start.toString(16)} was hot-removed`);
  return 0;
}
