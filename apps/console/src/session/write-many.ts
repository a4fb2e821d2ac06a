import { type Caller, type OnlineType, onlineTypeWords } from "@memhp/abi";
import type { BulkResult, Machine, Task } from "@memhp/machine";
import { countWords } from "../words/size-words.ts";
import { type Answer, answer } from "./answer.ts";
import { withLock } from "./patience.ts";
import type { Session } from "./session.ts";
import { bulkStep } from "./steps.ts";
import type { StateWord } from "./state-words.ts";

/** Blocks of one request where there are many: others get a turn after each, and somebody can stop it. */
const AT_A_TIME = 2048;

/** One request for many blocks, as `chmem` makes it. */
export function bulkWrite(
  machine: Machine,
  blocks: readonly number[],
  word: StateWord,
  caller: Caller,
): Task<BulkResult> {
  const type = (Object.keys(onlineTypeWords) as OnlineType[]).find((name) => onlineTypeWords[name] === word);
  return machine.bulk(word === "offline" ? "offline" : "online", blocks, type, caller);
}

/** Piece by piece, so that the page hears how far it is. @returns undefined where something else holds the hotplug lock. */
export async function writeMany(
  session: Session,
  blocks: readonly number[],
  word: StateWord,
  text: string,
): Promise<Answer | undefined> {
  let sum: BulkResult = { requested: 0, changed: 0, refused: [] };
  for (let at = 0; at < blocks.length; at += AT_A_TIME) {
    if (at > 0) await session.pause(at, blocks.length);
    if (session.stop.signal.aborted) break;
    const piece = blocks.slice(at, at + AT_A_TIME);
    session.did.did(bulkStep(piece, word));
    const done = await withLock(session, (caller) => bulkWrite(session.machine, piece, word, caller));
    if (done === undefined) {
      if (at === 0) return undefined;
      break;
    }
    sum = {
      requested: sum.requested + done.requested,
      changed: sum.changed + done.changed,
      refused: [...sum.refused, ...done.refused],
    };
  }
  const answered = bulkAnswer(sum, word, text);
  if (sum.requested === blocks.length) return answered;
  const left = countWords(blocks.length - sum.requested);
  return { ...answered, tone: "partly", text: `Stopped with ${left} blocks untried. ${answered.text}` };
}

/** What neither changed nor was refused had the state already. */
export function bulkAnswer({ requested, changed, refused }: BulkResult, word: StateWord, text: string): Answer {
  const state = word === "offline" ? "offline" : "online";
  const were = requested - changed - refused.length;
  const succeeded = changed + were;
  const tone = refused.length === 0 ? "done" : succeeded > 0 ? "partly" : "refused";
  const left = refused.length === 0 ? "" : `; ${countWords(refused.length)} refused`;
  if (changed === 0 && succeeded > 0)
    return answer(
      tone,
      text,
      `Nothing changed: ${countWords(were)} of ${countWords(requested)} blocks were ${state} already${left}.`,
      refused,
    );
  const already = were === 0 ? "" : ` (${countWords(were)} were already)`;
  return answer(
    tone,
    text,
    `${countWords(succeeded)} of ${countWords(requested)} blocks are ${state} now${already}${left}.`,
    refused,
  );
}
