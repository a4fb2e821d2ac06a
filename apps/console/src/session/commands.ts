import { dimmsOf } from "@memhp/devices";
import {
  type Caller,
  errnoNumber,
  type ErrnoName,
  formatNumberList,
  formatSize,
  ParseError,
  parseSize,
  type Refusal,
  type SimEvent,
} from "@memhp/abi";
import type { Machine, Task } from "@memhp/machine";
import { countWords } from "../words/size-words.ts";
import { timeWords } from "../words/time-words.ts";
import { errnoWords } from "../words/refusal-words.ts";
import { type Answer, answer, errorAnswer } from "./answer.ts";
import { type ContainerCommand, containerText } from "./container-text.ts";
import { carryOutLoad, type LoadCommand, loadText } from "./load-commands.ts";
import { withFirmware, withLock } from "./patience.ts";
import type { InjectAction, StateWord } from "./state-words.ts";
import { blockStep } from "./steps.ts";
import type { Session } from "./session.ts";
import { bulkAnswer, bulkWrite, writeMany } from "./write-many.ts";

/** Something that a person does to the machine. */
export type Command =
  | {
      readonly do: "write";
      readonly blocks: readonly number[];
      readonly word: StateWord;
      /** It goes on beside what is done next, until it ends or somebody signals it. */
      readonly background?: boolean;
    }
  | { readonly do: "signal"; readonly name: string }
  | { readonly do: "wait"; readonly seconds: number }
  /** Blocks to take offline one after another, as a plan says. */
  | { readonly do: "free"; readonly blocks: readonly number[] }
  | LoadCommand
  | ContainerCommand
  /** Without a name it gets the next that is free. */
  | { readonly do: "insert"; readonly id?: string; readonly node: number; readonly size: string; readonly addr: string }
  | { readonly do: "eject"; readonly id: string }
  | { readonly do: "inject"; readonly action: InjectAction; readonly errno: ErrnoName | "none" }
  | { readonly do: "kernel_pages"; readonly blocks: readonly number[]; readonly present: boolean };

const MEMORY = "/sys/devices/system/memory";

/** Carries a command out. Refusals are part of the answer; what is thrown is a bug or a lost worker. */
export async function carryOut(session: Session, command: Command): Promise<Answer> {
  session.stop = new AbortController();
  session.log.mark(commandText(command));
  try {
    const given = await dispatch(session, command);
    await session.background.afterStep();
    const ended = (await session.background.takeFinished()).map(({ result }) => result as Answer);
    return ended.length === 0 ? given : { ...given, ended };
  } catch (error) {
    if (error instanceof ParseError) return errorAnswer(commandText(command), error);
    throw error;
  } finally {
    session.progress = undefined;
    session.notice();
  }
}

async function dispatch(session: Session, command: Command): Promise<Answer> {
  const { machine } = session;
  switch (command.do) {
    case "write":
      return command.background === true ? begin(session, command) : write(session, command);
    case "free":
      return free(session, command.blocks);
    case "signal":
      return signal(session, command.name);
    case "wait":
      return wait(session, command);
    case "insert":
      return insert(session, command);
    case "eject":
      return eject(session, command.id);
    case "inject":
      return inject(session, command.action, command.errno);
    case "kernel_pages":
      return kernelPages(session, command.blocks, command.present);
    case "container":
    case "eject_device": {
      const heard: SimEvent[] = [];
      const stop = machine.listen((event) => heard.push(event));
      try {
        const { carryOutContainer } = await import("./container-commands.ts");
        return await carryOutContainer(session, command, () => refusalsOf(heard));
      } finally {
        stop();
      }
    }
    default:
      return carryOutLoad(session, command);
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
      return `device_add pc-dimm${command.id === undefined ? "" : `,id=${command.id}`},node=${command.node},size=${command.size}${command.addr === "" ? "" : `,addr=${command.addr}`}`;
    case "eject":
      return `device_del ${command.id}`;
    case "inject":
      return `${command.errno} at ${command.action}`;
    case "signal":
      return `kill ${command.name}`;
    case "wait":
      return `sleep ${command.seconds}`;
    case "free":
      return `offline, one after another: ${countWords(command.blocks.length)} blocks, memory${command.blocks[0]} first`;
    case "container":
    case "eject_device":
      return containerText(command);
    case "load":
    case "unload":
    case "unpin":
    case "drop_caches":
      return loadText(command);
    default:
      return `${command.present ? "kernel pages into" : "no kernel pages in"} blocks ${formatNumberList(command.blocks)}`;
  }
}

type Write = Extract<Command, { do: "write" }>;

/** Where nobody got the hotplug lock: who holds it goes on while time passes. */
function lockTaken(text: string): Answer {
  return answer("refused", text, "Not done: something else holds the hotplug lock, and goes on while time passes.");
}

async function write(session: Session, command: Write): Promise<Answer> {
  const text = commandText(command);
  if (command.blocks.length === 0) return answer("error", text, "No block is chosen.");
  const { blocks, word } = command;
  if (blocks.length === 1) session.did.did(blockStep(blocks[0] as number, word));
  const answered =
    blocks.length === 1
      ? await withLock(session, (caller) => writeState(session.machine, command, caller))
      : await writeMany(session, blocks, word, text);
  return answered ?? lockTaken(text);
}

/** Starts a write that goes on beside what is done next, under the name of its blocks. */
function begin(session: Session, command: Write): Answer {
  const { background, machine } = session;
  const { blocks, word } = command;
  const text = commandText(command);
  if (blocks.length === 0) return answer("error", text, "No block is chosen.");
  const name = blocks.length === 1 ? `memory${blocks[0]}` : `blocks ${formatNumberList(blocks)}`;
  if (background.names().includes(name)) return answer("error", text, `Something writes to ${name} already.`);
  if (blocks.length === 1) session.did.did(blockStep(blocks[0] as number, word, name));
  else session.did.didUnsaid(`${text} &`);
  background.start(name, (caller) => writeState(machine, command, caller));
  return answer("done", `${text} &`, `${word} of ${name} goes on while time passes.`);
}

function writeState(machine: Machine, command: Write, caller: Caller): Task<Answer> {
  const { blocks, word } = command;
  const text = commandText(command);
  return blocks.length === 1
    ? writeFile(machine, `${MEMORY}/memory${blocks[0]}/state`, `${word}\n`, text, caller)
    : bulkWrite(machine, blocks, word, caller).map((outcome) => bulkAnswer(outcome, word, text));
}

/** One write(2), as the shell's echo makes it. */
function writeFile(machine: Machine, path: string, data: string, text: string, caller: Caller = {}): Task<Answer> {
  return machine.write(path, data, caller).map((result) => writeAnswer(result, text));
}

function writeAnswer(result: Awaited<ReturnType<Machine["write"]>>, text: string): Answer {
  const errno = result.openErrno === 0 ? result.errno : result.openErrno;
  if (errno === 0) return answer("done", text, `Written: the kernel took ${result.ret} bytes.`);
  return answer(
    "refused",
    text,
    `Refused: ${errnoWords(errno)}.`,
    result.refusal === undefined ? [] : [result.refusal],
  );
}

/** The blocks of a plan, in its order; ends at the first that does not go. */
async function free(session: Session, blocks: readonly number[]): Promise<Answer> {
  const text = commandText({ do: "free", blocks });
  for (const [done, block] of blocks.entries()) {
    if (session.stop.signal.aborted)
      return answer("partly", text, `Stopped: ${done} of ${blocks.length} blocks are offline now.`);
    if (done % 64 === 63) await session.pause(done, blocks.length);
    session.did.did(blockStep(block, "offline"));
    const result = await withLock(session, (caller) => session.machine.offline(block, caller));
    if (result === undefined) return lockTaken(text);
    if (!result.ok)
      return answer(
        done === 0 ? "refused" : "partly",
        text,
        `${done} of ${blocks.length} blocks are offline now; memory${block} did not go.`,
        [result.refusal],
      );
  }
  return answer("done", text, `${blocks.length} of ${blocks.length} blocks are offline now.`);
}

async function signal({ background, did }: Session, name: string): Promise<Answer> {
  const text = commandText({ do: "signal", name });
  if (background.names().includes(name)) did.did({ op: "signal", to: name });
  return (await background.kill(name))
    ? answer("done", text, `${name} got a signal.`)
    : answer("error", text, `Nothing writes to ${name} any more.`);
}

async function wait({ machine, did }: Session, command: Extract<Command, { do: "wait" }>): Promise<Answer> {
  const text = commandText(command);
  if (!(command.seconds > 0)) return answer("error", text, "Give a number of seconds above 0.");
  did.did({ op: "wait", s: command.seconds });
  await machine.wait(Math.round(command.seconds * 1e9));
  return answer("done", text, `It is ${timeWords(machine.nowNs)} after boot.`);
}

/** `d0`, `d1`, …: the first name that no DIMM has. */
function freeName(machine: Machine): string {
  const taken = new Set(machine.pluggedMemory().map(({ id }) => id));
  for (let i = 0; ; i++) if (!taken.has(`d${i}`)) return `d${i}`;
}

async function insert(session: Session, asked: Extract<Command, { do: "insert" }>): Promise<Answer> {
  const { machine } = session;
  const command = { ...asked, id: asked.id ?? freeName(machine) };
  const text = commandText(command);
  const sizeBytes = parseSize(command.size);
  const addr = command.addr.trim() === "" ? undefined : Number(command.addr);
  if (sizeBytes === 0) return answer("error", text, "A DIMM of no size is no DIMM.");
  if (addr !== undefined && !Number.isSafeInteger(addr))
    return answer("error", text, `${command.addr} is no address; write 0x140000000, or nothing.`);
  session.did.did({
    op: "dimm_add",
    id: command.id,
    size: command.size,
    node: command.node,
    ...(addr === undefined ? {} : { addr }),
  });
  const request = {
    id: command.id,
    memdev: `mem-${command.id}`,
    sizeBytes,
    node: command.node,
    ...(addr === undefined ? {} : { addr }),
  };
  const { result, events } = await listening(machine, () => withFirmware(session, dimmsOf(machine).insert(request)));
  if (result === undefined) return unheard(text);
  if (!result.ok) return answer("refused", text, `The board refused: ${result.refusal.desc}.`);
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

/** The kernel's ACPI code is stuck in something before, or in this. */
function unheard(text: string): Answer {
  return answer("partly", text, "The kernel is still at work on it, and goes on while time passes.");
}

async function eject(session: Session, id: string): Promise<Answer> {
  const { machine } = session;
  const text = commandText({ do: "eject", id });
  session.did.did({ op: "dimm_del", id });
  const { result, events } = await listening(machine, () => withFirmware(session, dimmsOf(machine).eject(id)));
  if (result === undefined) return unheard(text);
  if (!result.ok) return answer("refused", text, `The board refused: ${result.refusal.desc}.`);
  if (dimmsOf(machine).get(id) === undefined) return answer("done", text, `${id} is out of the machine.`);
  return answer("refused", text, `${id} stays: not all of its blocks went offline.`, refusalsOf(events));
}

async function inject({ machine, did }: Session, action: InjectAction, errno: ErrnoName | "none"): Promise<Answer> {
  did.did({ op: "inject", action, errno: errno === "none" ? 0 : errno });
  if (machine.errorInjection === undefined) machine.loadErrorInjection(0);
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

async function kernelPages(session: Session, blocks: readonly number[], present: boolean): Promise<Answer> {
  const { machine } = session;
  session.did.did({ op: "kernel_pages", blocks: formatNumberList(blocks), present });
  if (!(await machine.passUntil(machine.markUnmovable(blocks, present), 3e9)))
    return unheard(commandText({ do: "kernel_pages", blocks, present }));
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
