import {
  errnoNumber,
  type ErrnoName,
  formatNumberList,
  formatSize,
  type OnlineType,
  onlineTypeWords,
  ParseError,
  parseSize,
  type Refusal,
  type SimEvent,
} from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import { errnoWords } from "../words/refusal-words.ts";
import { type Answer, answer, errorAnswer } from "./answer.ts";
import type { Session } from "./session.ts";

/** The words that `state` understands. */
export type StateWord = "online" | "online_kernel" | "online_movable" | "offline";
export const stateWords: readonly StateWord[] = ["online", "online_kernel", "online_movable", "offline"];

export type InjectAction = "MEM_GOING_ONLINE" | "MEM_GOING_OFFLINE";
export const injectActions: readonly InjectAction[] = ["MEM_GOING_ONLINE", "MEM_GOING_OFFLINE"];

/** Something that a person does to the machine. */
export type Command =
  | { readonly do: "write"; readonly blocks: readonly number[]; readonly word: StateWord }
  | { readonly do: "insert"; readonly id: string; readonly node: number; readonly size: string; readonly addr: string }
  | { readonly do: "eject"; readonly id: string }
  | { readonly do: "inject"; readonly action: InjectAction; readonly errno: ErrnoName | "none" }
  | { readonly do: "kernel_pages"; readonly blocks: readonly number[]; readonly present: boolean };

const MEMORY = "/sys/devices/system/memory";

/** Carries a command out. Refusals are part of the answer; what is thrown is a bug or a lost worker. */
export async function carryOut(session: Session, command: Command): Promise<Answer> {
  const { machine } = session;
  try {
    switch (command.do) {
      case "write":
        return await write(machine, command.blocks, command.word);
      case "insert":
        return await insert(machine, command);
      case "eject":
        return await eject(machine, command.id);
      case "inject":
        return await inject(machine, command.action, command.errno);
      default:
        return await kernelPages(machine, command.blocks, command.present);
    }
  } catch (error) {
    if (error instanceof ParseError) return errorAnswer(commandText(command), error);
    throw error;
  } finally {
    session.notice();
  }
}

/** What is done, as a person would type it. */
export function commandText(command: Command): string {
  switch (command.do) {
    case "write":
      return command.blocks.length === 1
        ? `echo ${command.word} > ${MEMORY}/memory${command.blocks[0]}/state`
        : `${command.word}: blocks ${formatNumberList(command.blocks)}`;
    case "insert":
      return `device_add pc-dimm,id=${command.id},node=${command.node},size=${command.size}${command.addr === "" ? "" : `,addr=${command.addr}`}`;
    case "eject":
      return `device_del ${command.id}`;
    case "inject":
      return `${command.errno} at ${command.action}`;
    default:
      return `${command.present ? "kernel pages into" : "no kernel pages in"} blocks ${formatNumberList(command.blocks)}`;
  }
}

async function write(machine: Machine, blocks: readonly number[], word: StateWord): Promise<Answer> {
  const text = commandText({ do: "write", blocks, word });
  const [only, ...more] = blocks;
  if (only === undefined) return answer("error", text, "No block is chosen.");
  return more.length === 0
    ? writeFile(machine, `${MEMORY}/memory${only}/state`, `${word}\n`, text)
    : writeMany(machine, blocks, word, text);
}

/** One write(2), as the shell's echo makes it. */
async function writeFile(machine: Machine, path: string, data: string, text: string): Promise<Answer> {
  const result = await machine.write(path, data);
  const errno = result.openErrno === 0 ? result.errno : result.openErrno;
  if (errno === 0) return answer("done", text, `Written: the kernel took ${result.ret} bytes.`);
  return answer(
    "refused",
    text,
    `Refused: ${errnoWords(errno)}.`,
    result.refusal === undefined ? [] : [result.refusal],
  );
}

async function writeMany(machine: Machine, blocks: readonly number[], word: StateWord, text: string): Promise<Answer> {
  const op = word === "offline" ? "offline" : "online";
  const type = (Object.keys(onlineTypeWords) as OnlineType[]).find((name) => onlineTypeWords[name] === word);
  const { requested, changed, refused } = await machine.bulk(op, blocks, type);
  const tone = refused.length === 0 ? "done" : changed > 0 ? "partly" : "refused";
  return answer(
    tone,
    text,
    `${changed} of ${requested} blocks are ${op} now${refused.length === 0 ? "" : `; ${refused.length} refused`}.`,
    refused,
  );
}

async function insert(machine: Machine, command: Extract<Command, { do: "insert" }>): Promise<Answer> {
  const text = commandText(command);
  const sizeBytes = parseSize(command.size);
  const addr = command.addr.trim() === "" ? undefined : Number(command.addr);
  if (sizeBytes === 0) return answer("error", text, "A DIMM of no size is no DIMM.");
  if (addr !== undefined && !Number.isSafeInteger(addr))
    return answer("error", text, `${command.addr} is no address; write 0x140000000, or nothing.`);
  const { result, events } = await listening(machine, () =>
    machine.dimmAdd({
      id: command.id,
      memdev: `mem-${command.id}`,
      sizeBytes,
      node: command.node,
      ...(addr === undefined ? {} : { addr }),
    }),
  );
  if (!result.ok) return answer("refused", text, `The board refused: ${result.error.desc}.`);
  const refusals = refusalsOf(events);
  const { addr: at, slot } = result.value;
  const place = `${command.id} of ${formatSize(sizeBytes)} is in slot ${slot} at 0x${at.toString(16)}`;
  const added = machine.blocksOf({ start: at, size: sizeBytes });
  if (refusals.length > 0)
    return answer(added.length > 0 ? "partly" : "refused", text, `${place}, but the kernel refused.`, refusals);
  return answer(
    "done",
    text,
    `${place}: ${added.length === 0 ? "the kernel took none of it" : `blocks ${formatNumberList(added)}`}.`,
  );
}

async function eject(machine: Machine, id: string): Promise<Answer> {
  const text = commandText({ do: "eject", id });
  const { result, events } = await listening(machine, () => machine.dimmDel(id));
  if (!result.ok) return answer("refused", text, `The board refused: ${result.error.desc}.`);
  if (machine.dimms.get(id) === undefined) return answer("done", text, `${id} is out of the machine.`);
  return answer("refused", text, `${id} stays: not all of its blocks went offline.`, refusalsOf(events));
}

async function inject(machine: Machine, action: InjectAction, errno: ErrnoName | "none"): Promise<Answer> {
  if (machine.core.injection === undefined) machine.loadErrorInjection(0);
  const value = errno === "none" ? "0" : String(-errnoNumber(errno));
  const path = `/sys/kernel/debug/notifier-error-inject/memory/actions/${action}/error`;
  const written = await writeFile(machine, path, `${value}\n`, `echo ${value} > ${path}`);
  if (written.tone !== "done") return written;
  return {
    ...written,
    text:
      errno === "none"
        ? `${action} meets no injected error any more.`
        : `Every ${action} now meets ${errnoWords(errno)}.`,
  };
}

async function kernelPages(machine: Machine, blocks: readonly number[], present: boolean): Promise<Answer> {
  await machine.markUnmovable(blocks, present);
  const list = formatNumberList(blocks);
  return answer(
    "done",
    commandText({ do: "kernel_pages", blocks, present }),
    present
      ? `Blocks ${list} now hold kernel pages that cannot move.`
      : `Blocks ${list} hold no kernel pages any more.`,
  );
}

async function listening<T>(machine: Machine, act: () => Promise<T>): Promise<{ result: T; events: SimEvent[] }> {
  const events: SimEvent[] = [];
  const stop = machine.listen((event) => events.push(event));
  try {
    return { result: await act(), events };
  } finally {
    stop();
  }
}

function refusalsOf(events: readonly SimEvent[]): Refusal[] {
  return events.flatMap((event) => (event.type === "refusal" ? [event.refusal] : []));
}
