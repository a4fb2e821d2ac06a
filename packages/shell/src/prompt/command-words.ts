import { ParseError } from "@memhp/abi";
import { type LoadKind, loadKinds } from "@memhp/engine";
import { type Machine, SpecError } from "@memhp/machine";
import { DocumentError, StepError, type StepRequest } from "@memhp/scenario";

/** What is wrong with the words of a command. */
export class Wrong extends Error {}

export async function checked(run: () => Promise<void>): Promise<string | undefined> {
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
export function stepOf([op = "", ...operands]: readonly string[]): StepRequest {
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

export function named(words: readonly string[], i: number, name: string): string {
  const word = words[i];
  if (word === undefined) throw new Wrong(`${name} is missing`);
  return word;
}

export function nodeOf(machine: Machine, word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  const nodes = machine.spec.nodes.length;
  const node = /^\d+$/.test(word) ? Number(word) : nodes;
  if (node >= nodes) throw new Wrong(`expected a node of 0..${nodes - 1}, found ${JSON.stringify(word)}`);
  return node;
}

export function kindOf(words: readonly string[]): LoadKind {
  const kind = named(words, 1, "KIND");
  if (!isKind(kind)) throw new Wrong(`kind ${JSON.stringify(kind)} is not known (allowed: ${loadKinds.join(", ")})`);
  return kind;
}

function isKind(word: string): word is LoadKind {
  return (loadKinds as readonly string[]).includes(word);
}

export function secondsOf(words: readonly string[]): number {
  const text = named(words, 0, "SECONDS");
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= 1e6)) throw new Wrong(`expected seconds, found ${JSON.stringify(text)}`);
  return seconds;
}
