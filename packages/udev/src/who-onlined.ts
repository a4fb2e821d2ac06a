import type { SimEvent } from "@memhp/abi";

/** Who brought a block online first, of those who could have. */
export interface Onlined {
  readonly block: number;
  /** When `add` was told; undefined for a block that was there before. */
  readonly addedNs?: number;
  /** When it was online. */
  readonly onlineNs: number;
  readonly by: OnlinedBy;
}

/** Who onlined a block first. */
export type OnlinedBy =
  /** The kernel itself, as it added the block, and what told it to. */
  | { readonly kind: "kernel"; readonly because: "build option" | "boot parameter" | "auto_online_blocks" }
  /** Somebody who wrote to a file of the block: a rule, an agent, a program. */
  | { readonly kind: "writer"; readonly name: string; readonly word: string };

const BLOCK = /\/memory\/memory(\d+)$/;
const WRITE = /\/memory\/memory(\d+)\/(?:state|online)$/;
const AUTO = "/sys/devices/system/memory/auto_online_blocks";

/**
 * Reads a stream of events: who onlined each block first. A write is told after all that it did, so a block that came online without a
 * write behind it was onlined by the kernel.
 * @param commandLine of the kernel.
 */
export function whoOnlined(events: Iterable<SimEvent>, commandLine: string): Onlined[] {
  const added = new Map<number, number>();
  const waiting = new Map<number, Onlined>();
  const onlined: Onlined[] = [];
  const done = new Set<number>();
  let because: (OnlinedBy & { kind: "kernel" })["because"] = /\bmemhp_default_state=/.test(commandLine)
    ? "boot parameter"
    : "build option";
  for (const event of events) {
    if (event.type === "uevent") {
      const block = Number(BLOCK.exec(event.devpath)?.[1] ?? Number.NaN);
      if (Number.isNaN(block)) continue;
      if (event.action === "add") added.set(block, event.atNs);
      if (event.action !== "online" || done.has(block) || waiting.has(block)) continue;
      const addedNs = added.get(block);
      const first = { block, onlineNs: event.atNs, ...(addedNs === undefined ? {} : { addedNs }) };
      waiting.set(block, { ...first, by: { kind: "kernel", because } });
    } else if (event.type === "file_write" && event.errno === 0) {
      if (event.path === AUTO) because = "auto_online_blocks";
      const block = Number(WRITE.exec(event.path)?.[1] ?? Number.NaN);
      const pending = waiting.get(block);
      if (pending === undefined) continue;
      waiting.delete(block);
      done.add(block);
      const by = { kind: "writer", name: event.by ?? "a program", word: event.data.trim() } as const;
      onlined.push({ ...pending, by });
    }
  }
  return [...onlined, ...waiting.values()].sort((a, b) => a.onlineNs - b.onlineNs || a.block - b.block);
}
