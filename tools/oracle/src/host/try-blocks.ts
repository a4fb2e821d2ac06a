import type { Guest } from "../target.ts";
import { type Offender, offenderOf } from "./kernel-words.ts";

const MEMORY = "/sys/devices/system/memory";

/** What the kernel did with one block. */
export interface BlockOutcome {
  /** `0`, or why it stayed; EINTR where it was still trying at the limit. */
  readonly errno: string;
  /** valid_zones before. */
  readonly zone: string;
  readonly offender?: Offender;
  /** What bringing it back came to. */
  readonly reonline?: { readonly word: string; readonly errno: string };
}

/** Numbers of the blocks that are online, ascending. */
export async function onlineBlocks(guest: Guest): Promise<number[]> {
  const entries = await guest.scan(MEMORY, 1);
  const numbers = entries.flatMap(({ path }) => /\/memory(\d+)$/.exec(path)?.[1] ?? []).map(Number);
  const online: number[] = [];
  for (const n of numbers.sort((a, b) => a - b))
    if ((await guest.read(`${MEMORY}/memory${n}/state`)).data.trim() === "online") online.push(n);
  return online;
}

/** Takes a block offline, and brings it back as it was. @param limitMs after this time the writer gets a signal. */
export async function tryBlock(guest: Guest, block: number, limitMs: number): Promise<BlockOutcome> {
  const dir = `${MEMORY}/memory${block}`;
  const zone = (await guest.read(`${dir}/valid_zones`)).data.trim();
  await guest.takeReports(false);
  const written = await guest.write(`${dir}/state`, "offline", limitMs);
  const { kernel_log } = await guest.takeReports(true);
  const errno = written.timed_out_signal === true ? "EINTR" : String(written.errno);
  const offender = offenderOf(kernel_log);
  const seen = { errno, zone, ...(errno === "EBUSY" && offender !== undefined && { offender }) };
  if (errno !== "0") return seen;
  const word = zone === "Movable" ? "online_movable" : "online_kernel";
  const back = await guest.write(`${dir}/state`, word, 0);
  return { ...seen, reonline: { word, errno: String(back.errno) } };
}
