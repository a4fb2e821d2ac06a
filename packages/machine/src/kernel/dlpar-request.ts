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
    remedy: ["write memory add or remove, then count N, index DRC or indexed-count N DRC, of LMBs that a DIMM has"],
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
  const say = (what: string): void => host.log(`pseries-hotplug-mem: ${what}`);
  if (by === "indexed-count" && (action === "add" || action === "remove")) {
    const index = kstrtoull(rest[0] ?? "");
    if (rest.length !== 1 || !isU32(number) || !isU32(index)) return "EINVAL";
    const range = { count: Number(number), index: Number(index) };
    return action === "add" ? addRange(host, say, range) : removeRange(host, say, range);
  }
  const isKnown = (action === "add" || action === "remove") && (by === "count" || by === "index") && rest.length === 0;
  if (!isKnown || typeof number === "string") return "EINVAL";
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

function isU32(number: bigint | string): number is bigint {
  return typeof number === "bigint" && number < 2n ** 32n;
}

interface LmbRange {
  readonly count: number;
  /** Connector of the first. */
  readonly index: number;
}

/** LMBs of a range; undefined where one of them is no device's: boot memory is reserved, and of places without a DIMM memhp knows nothing. */
function lmbsInRange(host: DlparHost, { count, index }: LmbRange): ReturnType<DlparHost["lmbs"]> | undefined {
  const first = (index - DRC_BASE) * host.lmbBytes;
  const end = first + count * host.lmbBytes;
  const lmbs = host.lmbs().filter(({ start }) => start >= first && start < end);
  return count > 0 && lmbs.length === count ? lmbs : undefined;
}

/** dlpar_memory_add_by_ic (from source): what is there is passed over. */
function addRange(host: DlparHost, say: (text: string) => void, range: LmbRange): Errno | 0 {
  say(`Attempting to hot-add ${range.count} LMB(s) at index ${range.index.toString(16)}`);
  const lmbs = lmbsInRange(host, range);
  if (lmbs === undefined) return "EINVAL";
  if (lmbs.every(({ isAssigned }) => isAssigned)) return 0;
  // As by count: QEMU has taken the connector back.
  say("Memory indexed-count-add failed, removing any added LMBs");
  return "EINVAL";
}

/** dlpar_memory_remove_by_ic (from source; the same as for an eject: p_eject_busy). */
async function removeRange(host: DlparHost, say: (text: string) => void, range: LmbRange): Promise<Errno | 0> {
  say(`Attempting to hot-remove ${range.count} LMB(s) at ${range.index.toString(16)}`);
  const there = lmbsInRange(host, range)?.filter(({ isAssigned }) => isAssigned);
  if (there === undefined) return "EINVAL";
  for (const [i, lmb] of there.entries()) {
    if ((await host.dlpar.removeOne(lmb.start, lmb.node)).ok) continue;
    say("Memory indexed-count-remove failed, adding any removed LMBs");
    for (const { start, node } of there.slice(0, i)) await host.dlpar.addOne(start, node);
    return "EINVAL";
  }
  for (const { start } of there) {
    const index = DRC_BASE + start / host.lmbBytes;
    say(`Memory at ${start.toString(16)} (drc index ${index.toString(16)}) was hot-removed`);
  }
  return 0;
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
