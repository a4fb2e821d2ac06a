import { Driver } from "../driver.ts";
import type { RecordOrder } from "../order.ts";
import { checkRecordable } from "../record.ts";
import type { Target } from "../target.ts";
import { type BlockOutcome, onlineBlocks, tryBlock } from "./try-blocks.ts";

/** A captured host with the truth about its blocks: what the kernel did when each was asked for. */
export interface RecordedHostTruth {
  readonly format: "memhp-host-truth/1";
  readonly name: string;
  readonly kernel: string;
  /** The kernel's own words. */
  readonly version: string;
  readonly machine: unknown;
  /** Steps that brought the guest into its state. */
  readonly prepare: readonly unknown[];
  /** Milliseconds after which a writer gets a signal. */
  readonly limit_ms: number;
  /** Each block tried from the captured state, by its number. */
  readonly isolated: Readonly<Record<string, BlockOutcome>>;
  /** One pass over all in order: what moved stays where it went. */
  readonly blocks: Readonly<Record<string, BlockOutcome>>;
}

/** A guest could not be captured, or not be put back. */
export class HostError extends Error {
  override readonly name = "HostError";
}

const SNAPSHOT = "captured";
const ARCHIVE = "/tmp/host.tar.gz";
const CAPTURE_MS = 600_000;

/**
 * Brings a guest into a state, captures it as `memhp capture` does, and tries every online block: from the captured state, and
 * in one pass.
 * @param onBlock is told as it goes. @returns the archive and the truth. @throws HostError
 */
export async function recordHost(
  order: RecordOrder,
  target: Target,
  { limitMs, onBlock }: { readonly limitMs: number; readonly onBlock?: (block: number, outcome: BlockOutcome) => void },
): Promise<{ readonly archive: Uint8Array; readonly truth: RecordedHostTruth }> {
  checkRecordable(order);
  const { guest } = target;
  const driver = await Driver.start(target);
  for (const { request } of order.steps) await driver.perform(request);
  const archive = await capture(target);
  const version = (await guest.read("/proc/version")).data.trim();
  await monitorCommand(target, `savevm ${SNAPSHOT}`);
  const online = await onlineBlocks(guest);
  const isolated: Record<string, BlockOutcome> = {};
  let isCaptured = true;
  for (const block of online) {
    if (!isCaptured) await restore(target);
    const outcome = await tryBlock(guest, block, limitMs);
    // A refusal before anything was moved leaves the state as it is.
    isCaptured = outcome.errno === "EINVAL";
    isolated[block] = outcome;
    onBlock?.(block, outcome);
  }
  await restore(target);
  const blocks: Record<string, BlockOutcome> = {};
  for (const block of online) blocks[block] = await tryBlock(guest, block, limitMs);
  const { name, kernel, rawMachine: machine } = order;
  const prepare = order.steps.map(({ request }) => request);
  const truth = { format: "memhp-host-truth/1", name, kernel, version, machine, prepare } as const;
  return { archive, truth: { ...truth, limit_ms: limitMs, isolated, blocks } };
}

/** Runs the script that captures a host without Node; a guest has no other. */
async function capture({ guest }: Target): Promise<Uint8Array> {
  const command = `cd /tmp && sh /bin/memhp-capture.sh host >capture.log 2>&1; cat capture.log; tar -cf - host | gzip >${ARCHIVE}; rm -r host`;
  const ran = await guest.program({ do: "run", command, timeoutMs: CAPTURE_MS });
  const { errno, data } = await guest.read(ARCHIVE);
  if (errno !== 0 || data === "") throw new HostError(`capture: ${String(errno)}: ${String(ran?.["out"]).trim()}`);
  return Buffer.from(data, "latin1");
}

async function restore(target: Target): Promise<void> {
  await monitorCommand(target, `loadvm ${SNAPSHOT}`);
  await target.monitor.execute("cont");
}

/** Snapshots are commands of the monitor for people; it prints nothing where all went well. */
async function monitorCommand({ monitor }: Target, command: string): Promise<void> {
  const answer = await monitor.execute("human-monitor-command", { "command-line": command });
  const said = "error" in answer ? answer.error.desc : String(answer.return).trim();
  if (said !== "") throw new HostError(`${command}: ${said}`);
}
