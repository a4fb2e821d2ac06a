import { MIB } from "@memhp/abi";
import { count, fail, isRecord, size } from "../spec-fields.ts";

/** A memory device in a container; bytes. */
export interface ContainerMemorySpec {
  readonly id: string;
  readonly sizeBytes: number;
  /** Without it the board chooses, above the room for DIMMs. */
  readonly addr?: number;
}

/** A container that firmware can insert and the kernel can eject: a board with memory on it, often a whole node. */
export interface ContainerSpec {
  readonly id: string;
  readonly hid: ContainerHid;
  readonly uid?: string;
  /** Proximity domain of its memory; without it that of the container around it, else of the address. */
  readonly node?: number;
  /** Whether it is there at boot. */
  readonly present: boolean;
  readonly memory: readonly ContainerMemorySpec[];
  readonly containers: readonly ContainerSpec[];
}

/** What Linux takes for a container (facts/kernel.md §6.5). */
const containerHids = ["ACPI0004", "PNP0A05", "PNP0A06"] as const;
/** The hardware ids that make a container. */
export type ContainerHid = (typeof containerHids)[number];

const MAX_NODES = 1024;
/** Backends of ordinary RAM lie on 2 MiB boundaries, here as for DIMMs. */
const ALIGNMENT = 2 * MIB;
/** As many as three digits of base 36 can name in the ACPI namespace. */
const MAX_DEVICES = 36 ** 3;

/**
 * Reads `machine.containers`. A container's `node` is a node of the machine, or the next number: then it is a node that
 * the firmware's SRAT promises memory to, so it is possible from boot on and comes with the container.
 * @param nodes nodes that the machine has without containers; 0 for one without NUMA.
 * @param taken ids that others have: cold-plugged DIMMs.
 * @throws SpecError
 */
export function parseContainers(raw: unknown, nodes: number, taken: Iterable<string>): ContainerSpec[] {
  if (raw === undefined) return [];
  const reader = { nodes, ids: new Set(taken) };
  const containers = readList(raw, "machine.containers", (each, where) =>
    readContainer(reader, each, where, undefined),
  );
  checkNodes(containers, nodes);
  return containers;
}

/** How many nodes a machine has with those that only containers bring. */
export function nodesWithContainers(nodes: number, containers: readonly ContainerSpec[]): number {
  return Math.max(nodes, (containerNodes(containers).at(-1) ?? -1) + 1);
}

/** Proximity domains that containers name, ascending, as an SRAT lists them. */
export function containerNodes(containers: readonly ContainerSpec[]): number[] {
  return [...new Set(withNested(containers).flatMap(({ node }) => node ?? []))].sort((a, b) => a - b);
}

/** Containers and those in them, each before what is in it. */
export function withNested(containers: readonly ContainerSpec[]): ContainerSpec[] {
  return containers.flatMap((container) => [container, ...withNested(container.containers)]);
}

interface Reader {
  readonly nodes: number;
  readonly ids: Set<string>;
}

type Reading<T> = (raw: unknown, where: string) => T;

function readList<T>(raw: unknown, where: string, read: Reading<T>): T[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) fail(where, `expected a list, found ${JSON.stringify(raw)}`);
  if (raw.length > MAX_DEVICES) fail(where, `at most ${MAX_DEVICES} devices have names`);
  return (raw as unknown[]).map((each, i) => read(each, `${where}[${i}]`));
}

function readContainer(reader: Reader, raw: unknown, where: string, outer: boolean | undefined): ContainerSpec {
  const fields = readFields(raw, where, ["id", "hid", "uid", "node", "present", "memory", "containers"]);
  const id = readId(reader, fields["id"], `${where}.id`);
  const { uid, present = outer ?? false } = fields;
  if (uid !== undefined && typeof uid !== "string")
    fail(`${where}.uid`, `expected a text, found ${JSON.stringify(uid)}`);
  if (typeof present !== "boolean")
    fail(`${where}.present`, `expected true or false, found ${JSON.stringify(present)}`);
  if (present && outer === false) fail(`${where}.present`, "the container around it is not there at boot");
  return {
    id,
    hid: readHid(fields["hid"], `${where}.hid`),
    ...(uid === undefined ? {} : { uid }),
    ...(fields["node"] === undefined ? {} : { node: readNode(reader, fields["node"], `${where}.node`) }),
    present,
    memory: readList(fields["memory"], `${where}.memory`, (each, at) => readMemory(reader, each, at)),
    containers: readList(fields["containers"], `${where}.containers`, (each, at) =>
      readContainer(reader, each, at, present),
    ),
  };
}

function readMemory(reader: Reader, raw: unknown, where: string): ContainerMemorySpec {
  const { id, size: bytes, addr } = readFields(raw, where, ["id", "size", "addr"]);
  const sizeBytes = size(bytes, `${where}.size`);
  if (sizeBytes === 0 || sizeBytes % ALIGNMENT !== 0)
    fail(`${where}.size`, `expected a multiple of 2M, found ${JSON.stringify(bytes)}`);
  return {
    id: readId(reader, id, `${where}.id`),
    sizeBytes,
    ...(addr === undefined ? {} : { addr: readAddress(addr, `${where}.addr`) }),
  };
}

function readFields(raw: unknown, where: string, allowed: readonly string[]): Record<string, unknown> {
  if (!isRecord(raw)) fail(where, `expected an object with ${allowed.join(", ")}`);
  const unknown = Object.keys(raw).find((key) => !allowed.includes(key));
  if (unknown !== undefined) fail(`${where}.${unknown}`, `is not known (allowed: ${allowed.join(", ")})`);
  return raw;
}

/** As QEMU takes an id, but for dots, which references need. */
function readId({ ids }: Reader, raw: unknown, where: string): string {
  if (typeof raw !== "string" || !/^[A-Za-z][\w-]*$/.test(raw))
    fail(where, `expected a letter, then letters, digits, - or _; found ${JSON.stringify(raw)}`);
  if (ids.has(raw)) fail(where, `${JSON.stringify(raw)} is taken`);
  ids.add(raw);
  return raw;
}

function readHid(raw: unknown, where: string): ContainerHid {
  const hid = containerHids.find((each) => each === (raw ?? containerHids[0]));
  if (hid === undefined) fail(where, `${JSON.stringify(raw)} is no container (allowed: ${containerHids.join(", ")})`);
  return hid;
}

function readNode({ nodes }: Reader, raw: unknown, where: string): number {
  const node = count(raw, where, 0, MAX_NODES - 1);
  if (nodes === 0 && node > 0) fail(where, "a machine without nodes has no proximity domains (allowed: 0)");
  return node;
}

function readAddress(raw: unknown, where: string): number {
  const addr = typeof raw === "string" && raw !== "" ? Number(raw) : raw;
  if (typeof addr !== "number" || !Number.isSafeInteger(addr) || addr < 0 || addr % ALIGNMENT !== 0)
    fail(where, `expected an address on a 2M boundary, such as 0x180000000, found ${JSON.stringify(raw)}`);
  return addr;
}

/** Linux numbers proximity domains without a gap, so a spec that leaves one would name other nodes than come. */
function checkNodes(containers: readonly ContainerSpec[], nodes: number): void {
  const added = containerNodes(containers).filter((node) => node >= nodes && node > 0);
  for (const [i, node] of added.entries()) {
    if (node !== nodes + i)
      fail("machine.containers", `node ${node} leaves a gap: the next node after 0..${nodes + i - 1} is ${nodes + i}`);
  }
}
