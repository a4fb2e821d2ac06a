import { dimmsOf } from "@memhp/devices";
import { ParseError, parseSize } from "@memhp/abi";
import { type LoadKind, loadKinds } from "@memhp/engine";
import { type Machine, SpecError } from "@memhp/machine";
import type { ControlCommand } from "@memhp/mount";
import { checkRequest, DocumentError, StepError, type StepRequest, StepRunner } from "@memhp/scenario";
import { faultUsage } from "@memhp/sysfs";

/**
 * What is done to the machine from outside of it; the prompt and the control file of a mount share the words.
 * @param say hears what came of a step. @param onDeed hears what is about to be done, as a step that does it again.
 */
export function machineCommands(
  machine: Machine,
  say: (text: string) => void = () => {},
  onDeed: (step: StepRequest) => void = () => {},
): Readonly<Record<string, ControlCommand>> {
  let runner: StepRunner | undefined;
  const hands: Hands = { machine, onDeed };
  return {
    step: (words) =>
      checked(async () => {
        runner ??= new StepRunner(machine);
        const step = stepOf(words);
        checkRequest(step);
        onDeed(step);
        const { result } = await runner.perform(step);
        say(`${JSON.stringify(result)}\n`);
      }),
    dimm_add: (words) => checked(() => addDimm(hands, words)),
    dimm_del: (words) => checked(() => deleteDimm(hands, words)),
    load: (words) => checked(() => startLoad(hands, words)),
    unload: (words) => checked(() => endLoad(hands, words)),
    wait: (words) => checked(() => wait(hands, words)),
  };
}

/** How each is called, for `help`. */
export const machineUsage: Readonly<Record<string, string>> = {
  step: "step OP [OPERAND=VALUE…]   (any operation of a scenario)",
  dimm_add: "dimm_add ID SIZE [NODE]",
  dimm_del: "dimm_del ID",
  load: `load ID KIND SIZE [NODE]   (KIND: ${loadKinds.join(", ")})`,
  unload: "unload ID",
  wait: "wait SECONDS",
  modprobe: "modprobe [-r] memory-notifier-error-inject [priority=N]",
  fault: `fault ${faultUsage}; fault clear [ID]`,
  uevent_fault: "uevent_fault ACTION DEVPATH lost|doubled [every=N] [times=N]; uevent_fault clear",
};

function isKind(word: string): word is LoadKind {
  return (loadKinds as readonly string[]).includes(word);
}

class Wrong extends Error {}

interface Hands {
  readonly machine: Machine;
  readonly onDeed: (step: StepRequest) => void;
}

async function checked(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof Wrong || endsStep(error)) return error.message;
    throw error;
  }
}

/** What is wrong with a step, and no bug of memhp. */
function endsStep(error: unknown): error is Error {
  return [ParseError, StepError, DocumentError, SpecError].some((kind) => error instanceof kind);
}

/** `load id=db kind=anon size=512M node=0`: what is JSON is read so, everything else is a text. */
function stepOf([op = "", ...operands]: readonly string[]): StepRequest {
  if (op === "") throw new Wrong("OP is missing");
  const pairs = operands.map((operand): [string, unknown] => {
    const equals = operand.indexOf("=");
    if (equals <= 0) throw new Wrong(`expected OPERAND=VALUE, found ${JSON.stringify(operand)}`);
    return [operand.slice(0, equals), valueOf(operand.slice(equals + 1))];
  });
  return { ...Object.fromEntries(pairs), op };
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function named(words: readonly string[], i: number, name: string): string {
  const word = words[i];
  if (word === undefined) throw new Wrong(`${name} is missing`);
  return word;
}

function nodeOf(machine: Machine, word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  const nodes = machine.spec.nodes.length;
  const node = /^\d+$/.test(word) ? Number(word) : nodes;
  if (node >= nodes) throw new Wrong(`expected a node of 0..${nodes - 1}, found ${JSON.stringify(word)}`);
  return node;
}

async function addDimm({ machine, onDeed }: Hands, words: readonly string[]): Promise<void> {
  const id = named(words, 0, "ID");
  const sizeBytes = parseSize(named(words, 1, "SIZE"));
  const node = nodeOf(machine, words[2]) ?? 0;
  const memdev = `mem-${id}`;
  onDeed({ op: "dimm_add", id, size: words[1], node });
  const offered = dimmsOf(machine).offerBackend(memdev);
  if (!offered.ok) throw new Wrong(offered.refusal.desc);
  const added = await dimmsOf(machine).insert({ id, memdev, sizeBytes, node });
  if (!added.ok) throw new Wrong(added.refusal.desc);
}

async function deleteDimm({ machine, onDeed }: Hands, words: readonly string[]): Promise<void> {
  const id = named(words, 0, "ID");
  onDeed({ op: "dimm_del", id });
  const deleted = await dimmsOf(machine).eject(id);
  if (!deleted.ok) throw new Wrong(deleted.refusal.desc);
  const { ok, refusal } = deleted.value;
  if (!ok) throw new Wrong(`the kernel keeps it${refusal === undefined ? "" : `: ${refusal.errno}`}`);
}

async function startLoad({ machine, onDeed }: Hands, words: readonly string[]): Promise<void> {
  const id = named(words, 0, "ID");
  const kind = named(words, 1, "KIND");
  if (!isKind(kind)) throw new Wrong(`kind ${JSON.stringify(kind)} is not known (allowed: ${loadKinds.join(", ")})`);
  const sizeBytes = parseSize(named(words, 2, "SIZE"));
  const node = nodeOf(machine, words[3]);
  const { loads } = machine.pages;
  if (loads.get(id) !== undefined) throw new Wrong(`load ${JSON.stringify(id)} is running`);
  const policy = node === undefined ? {} : ({ policy: { mode: "bind", nodes: [node] } } as const);
  onDeed({ op: "load", id, kind, size: words[2], ...(node === undefined ? {} : { node, policy: "bind" }) });
  await loads.start({ id, kind, sizeBytes, ...policy });
}

async function endLoad({ machine, onDeed }: Hands, words: readonly string[]): Promise<void> {
  const id = named(words, 0, "ID");
  const { loads } = machine.pages;
  if (loads.get(id) === undefined) {
    const running = loads.list().map((load) => load.id);
    throw new Wrong(`no load ${JSON.stringify(id)} (running: ${running.join(", ") || "none"})`);
  }
  onDeed({ op: "unload", id });
  await loads.end(id);
}

async function wait({ machine, onDeed }: Hands, words: readonly string[]): Promise<void> {
  const text = named(words, 0, "SECONDS");
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= 1e6)) throw new Wrong(`expected seconds, found ${JSON.stringify(text)}`);
  onDeed({ op: "wait", s: seconds });
  await machine.wait(Math.round(seconds * 1e9));
}
