import { address, fail, knownFields, optionalText, trueOrFalse, wholeUnits } from "../spec-fields.ts";
import { ascending, checkNextNodes, nodeNumber, nodesWith } from "../spec-nodes.ts";

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
  checkNextNodes("machine.containers", containerNodes(containers), nodes);
  return containers;
}

/** How many nodes a machine has with those that only containers bring. */
export function nodesWithContainers(nodes: number, containers: readonly ContainerSpec[]): number {
  return nodesWith(nodes, containerNodes(containers));
}

/** Proximity domains that containers name, ascending, as an SRAT lists them. */
export function containerNodes(containers: readonly ContainerSpec[]): number[] {
  return ascending(withNested(containers).flatMap(({ node }) => node ?? []));
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
  const fields = knownFields(raw, where, ["id", "hid", "uid", "node", "present", "memory", "containers"]);
  const id = readId(reader, fields["id"], `${where}.id`);
  const uid = optionalText(fields["uid"], `${where}.uid`);
  const present = trueOrFalse(fields["present"], `${where}.present`, outer ?? false);
  if (present && outer === false) fail(`${where}.present`, "the container around it is not there at boot");
  return {
    id,
    hid: readHid(fields["hid"], `${where}.hid`),
    ...(uid === undefined ? {} : { uid }),
    ...(fields["node"] === undefined ? {} : { node: nodeNumber(fields["node"], `${where}.node`, reader.nodes) }),
    present,
    memory: readList(fields["memory"], `${where}.memory`, (each, at) => readMemory(reader, each, at)),
    containers: readList(fields["containers"], `${where}.containers`, (each, at) =>
      readContainer(reader, each, at, present),
    ),
  };
}

function readMemory(reader: Reader, raw: unknown, where: string): ContainerMemorySpec {
  const { id, size: bytes, addr } = knownFields(raw, where, ["id", "size", "addr"]);
  return {
    id: readId(reader, id, `${where}.id`),
    sizeBytes: wholeUnits(bytes, `${where}.size`),
    ...(addr === undefined ? {} : { addr: address(addr, `${where}.addr`) }),
  };
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
