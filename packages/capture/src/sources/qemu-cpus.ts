import { ParseError } from "@memhp/abi";

/** Levels of `-smp`, the outermost first; those of `-numa cpu` are called so with `-id`. */
const LEVELS = ["socket", "die", "module", "core", "thread"] as const;
type Level = (typeof LEVELS)[number];

/** What `-smp` tells: numbers by word, such as cpus, sockets and cores. */
export type SmpWords = ReadonlyMap<string, number>;

/** One `-numa cpu`: the node, and which processors by level; a level that is not named is any. */
export interface CpuChoice {
  readonly node: number;
  readonly ids: ReadonlyMap<string, number>;
}

/** How many of each level there are, in the next one. */
type Topology = Readonly<Record<Level, number>>;

const sizes: Readonly<Record<Level, string>> = {
  socket: "sockets",
  die: "dies",
  module: "modules",
  core: "cores",
  thread: "threads",
};

/** Where `-smp` names no number, there are as many processors as its topology has. */
export function cpuCount(smp: SmpWords): number {
  return smp.get("cpus") ?? LEVELS.reduce((cpus, level) => cpus * (smp.get(sizes[level]) ?? 1), 1);
}

/**
 * machine_parse_smp_config: what is not told follows from the number of processors, in cores of one socket. Before QEMU 6.2 they were
 * sockets of one core: so they are where somebody asks for a socket and for no core (hw/core/machine-smp.c).
 */
function topologyOf(smp: SmpWords, choices: readonly CpuChoice[]): Topology {
  const most = smp.get("maxcpus") ?? cpuCount(smp);
  const told = (level: Level): number | undefined => smp.get(sizes[level]);
  const [die, module, thread] = [told("die") ?? 1, told("module") ?? 1, told("thread")];
  const inSockets =
    told("core") === undefined &&
    choices.some(({ ids }) => ids.has("socket-id")) &&
    !choices.some(({ ids }) => ids.has("core-id"));
  const rest = (others: number): number => Math.max(1, Math.floor(most / (die * module * others)));
  const socket =
    told("socket") ?? (inSockets || told("core") !== undefined ? rest((told("core") ?? 1) * (thread ?? 1)) : 1);
  const core = told("core") ?? rest(socket * (thread ?? 1));
  return { socket, die, module, core, thread: thread ?? rest(socket * core) };
}

/** Place of a processor by level: they are counted thread by thread, core by core. */
function placeOf(cpu: number, topology: Topology): Record<Level, number> {
  const place = { socket: 0, die: 0, module: 0, core: 0, thread: 0 };
  let left = cpu;
  for (const level of LEVELS.toReversed()) {
    place[level] = left % topology[level];
    left = Math.floor(left / topology[level]);
  }
  return place;
}

/** Processors of each node by `-numa cpu`. @throws ParseError where there is no such processor */
export function chosenCpus(smp: SmpWords, choices: readonly CpuChoice[]): Map<number, number[]> {
  const topology = topologyOf(smp, choices);
  const places = Array.from({ length: smp.get("maxcpus") ?? cpuCount(smp) }, (_, cpu) => placeOf(cpu, topology));
  const cpus = new Map<number, number[]>();
  for (const { node, ids } of choices) {
    const isMeant = (place: Record<Level, number>): boolean =>
      LEVELS.every((level) => (ids.get(`${level}-id`) ?? place[level]) === place[level]);
    const found = places.flatMap((place, cpu) => (isMeant(place) ? [cpu] : []));
    const words = [...ids].map(([name, id]) => `,${name}=${id}`).join("");
    if (found.length === 0)
      throw new ParseError(
        `-numa cpu,node-id=${node}${words}: there is no such processor (${LEVELS.map((level) => `${topology[level]} ${sizes[level]}`).join(", ")})`,
      );
    // Those that are not there yet come later, and memhp plugs in none.
    cpus.set(node, [...(cpus.get(node) ?? []), ...found.filter((cpu) => cpu < cpuCount(smp))]);
  }
  return cpus;
}

/** Where no word names a node's processors they are dealt out socket by socket (hw/i386/x86.c x86_get_default_cpu_node_id). */
export function dealtCpus(smp: SmpWords, nodes: readonly number[]): Map<number, number[]> {
  const topology = topologyOf(smp, []);
  const cpus = new Map<number, number[]>();
  if (topology.socket === 1) return cpus;
  for (let cpu = 0; cpu < cpuCount(smp); cpu++) {
    const node = nodes[placeOf(cpu, topology).socket % nodes.length] as number;
    cpus.set(node, [...(cpus.get(node) ?? []), cpu]);
  }
  return cpus;
}
