import type { ZoneIndex } from "@memhp/abi";
import type { NodeMemory, MigratingFolios } from "@memhp/engine";
import type { RoundPart, TargetRequest } from "@memhp/hotplug";

/** Numbers at the start of a part: requests, nodes, finished, events. */
const HEAD = 4;
const TOO_LONG = -1;

/** What the others need to know of a part before they read it. */
export interface PartHead {
  readonly requests: number;
  readonly nodes: number;
  readonly finished: boolean;
  readonly events: number;
}

/** Writes a part as numbers. One that does not fit says only that. */
export function writePart(numbers: Float64Array, part: RoundPart): void {
  const { targetRequests, nodes, finished, events } = part;
  numbers[0] = targetRequests.length;
  numbers[1] = nodes.length;
  numbers[2] = Number(finished);
  numbers[3] = events;
  // A write beyond the end is lost without a word, so the length tells.
  let at = HEAD;
  for (const { memory, free } of nodes) {
    numbers[at++] = memory.id;
    numbers[at++] = Number(memory.online) + 2 * Number(memory.hasMemory);
    for (const { index, managedPages, presentPages, earlyPages } of memory.zones) {
      numbers[at++] = managedPages;
      numbers[at++] = presentPages;
      numbers[at++] = earlyPages;
      numbers[at++] = free[index] as number;
    }
  }
  for (const request of targetRequests) at = writeRequest(numbers, at, request);
  if (at > numbers.length) numbers[0] = TOO_LONG;
}

function writeRequest(numbers: Float64Array, start: number, request: TargetRequest): number {
  let at = start;
  numbers[at++] = request.node;
  numbers[at++] = request.atNs;
  numbers[at++] = request.block;
  numbers[at++] = request.zone;
  numbers[at++] = Number(request.ownNodeFirst === true);
  numbers[at++] = request.folios.length;
  for (const { kind, order, count, owner } of request.folios) {
    numbers[at++] = kind;
    numbers[at++] = order;
    numbers[at++] = count;
    numbers[at++] = owner.length;
    for (let i = 0; i < owner.length; i++) numbers[at++] = owner.charCodeAt(i);
  }
  return at;
}

/** Undefined where the part did not fit. */
export function readHead(numbers: Float64Array): PartHead | undefined {
  const requests = numbers[0] as number;
  if (requests === TOO_LONG) return undefined;
  return { requests, nodes: numbers[1] as number, finished: numbers[2] === 1, events: numbers[3] as number };
}

/** What others know of a node: its memory, and its free pages by zone index. */
export interface NodeCounters {
  readonly memory: NodeMemory;
  readonly free: number[];
}

/**
 * Reads the nodes of a part into their counters.
 * @param of the counters of a node.
 * @returns where its requests begin.
 */
export function readNodes(numbers: Float64Array, { nodes }: PartHead, of: (id: number) => NodeCounters): number {
  let at = HEAD;
  for (let i = 0; i < nodes; i++) {
    const { memory, free } = of(numbers[at++] as number);
    const flags = numbers[at++] as number;
    memory.online = (flags & 1) !== 0;
    memory.hasMemory = (flags & 2) !== 0;
    for (const zone of memory.zones) {
      zone.managedPages = numbers[at++] as number;
      zone.presentPages = numbers[at++] as number;
      zone.earlyPages = numbers[at++] as number;
      free[zone.index] = numbers[at++] as number;
    }
  }
  return at;
}

/**
 * Reads the requests of a part.
 * @param start where they begin.
 * @param names of the owners that they name.
 * @param read to which they are added.
 */
export function readRequests(
  numbers: Float64Array,
  { requests }: PartHead,
  start: number,
  names: OwnerNames,
  read: TargetRequest[],
): void {
  let at = start;
  for (let i = 0; i < requests; i++) {
    const head = at;
    const count = numbers[head + 5] as number;
    const folios: MigratingFolios[] = [];
    at += REQUEST;
    for (let folio = 0; folio < count; folio++) {
      const length = numbers[at + 3] as number;
      folios.push({
        kind: numbers[at] as number,
        order: numbers[at + 1] as number,
        count: numbers[at + 2] as number,
        owner: names.at(numbers, at + FOLIO, length),
      });
      at += FOLIO + length;
    }
    const request: TargetRequest = {
      node: numbers[head] as number,
      atNs: numbers[head + 1] as number,
      block: numbers[head + 2] as number,
      zone: numbers[head + 3] as ZoneIndex,
      folios,
    };
    read.push(numbers[head + 4] === 1 ? { ...request, ownNodeFirst: true } : request);
  }
}

/** Numbers of a request without its folios, and of a folio without its owner's name. */
const REQUEST = 6;
const FOLIO = 4;

/** Names that were read before: the same few come in each round, and a text that is put together anew is compared letter by letter. */
export class OwnerNames {
  readonly #known = new Map<number, string>();

  /** The name whose letters stand there. */
  at(letters: Float64Array, start: number, length: number): string {
    let sum = length;
    for (let i = start; i < start + length; i++) sum = (Math.imul(sum, 31) + (letters[i] as number)) | 0;
    const known = this.#known.get(sum);
    if (known !== undefined && isWritten(known, letters, start, length)) return known;
    const name = String.fromCharCode(...letters.subarray(start, start + length));
    this.#known.set(sum, name);
    return name;
  }
}

function isWritten(name: string, letters: Float64Array, start: number, length: number): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) if (name.charCodeAt(i) !== letters[start + i]) return false;
  return true;
}
