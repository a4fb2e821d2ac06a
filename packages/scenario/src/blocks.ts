import { containersOf } from "@memhp/devices";
import { builtWithout, ParseError, parseNumberList, ZONE_MOVABLE } from "@memhp/abi";
import { BlockState, MIXED_ZONES, NO_ZONE } from "@memhp/engine";
import type { Machine } from "@memhp/machine";
import { memoryPlaces } from "./memory-places.ts";
import type { DimmPlace } from "./references.ts";

/**
 * Blocks of a list such as `32-39,41` or of words joined by `,` and narrowed by `&`:
 * `all`, `online`, `offline`, `movable`, `normal`, `node:N`, `dimm:ID`, `dax:ID`, `container:ID`.
 * @param dimms what a name may stand for, where some that are gone are known besides those in the machine.
 * @returns ids ascending.
 * @throws ParseError for an unknown word, a DIMM or container that is not there, or a block that does not exist.
 */
export function selectBlocks(
  text: string,
  machine: Machine,
  dimms: ReadonlyMap<string, DimmPlace> = memoryPlaces(machine),
): number[] {
  const alternatives = text
    .split(",")
    .map((alternative) => alternative.split("&").map((word) => testOfWord(word.trim(), machine, dimms)));
  // Without it no block has a device.
  if (!machine.map.kernel.config.MEMORY_HOTPLUG) return [];
  return [...machine.map.blocks.ids()].filter((id) => alternatives.some((words) => words.every((holds) => holds(id))));
}

type BlockTest = (id: number) => boolean;

function testOfWord(word: string, machine: Machine, dimms: ReadonlyMap<string, DimmPlace>): BlockTest {
  const { map } = machine;
  const { blockSizeBytes } = machine.board;
  const { blocks } = map;
  const { MEMORY_HOTPLUG } = map.kernel.config;
  if (word === "all") return () => true;
  if (word === "online") return (id) => blocks.state(id) === BlockState.online;
  if (word === "offline") return (id) => blocks.state(id) === BlockState.offline;
  if (word === "movable") return (id) => blocks.zone(id) === ZONE_MOVABLE;
  if (word === "normal")
    return (id) => blocks.zone(id) < ZONE_MOVABLE && blocks.zone(id) !== MIXED_ZONES && blocks.zone(id) !== NO_ZONE;
  const node = /^node:(\d+)$/.exec(word);
  if (node !== null) {
    if (!map.nodes.has(Number(node[1])))
      throw new ParseError(`no node ${node[1]} (nodes: ${[...map.nodes.keys()].join(", ")})`);
    const number = Number(node[1]);
    return (id) => blocks.node(id) === number;
  }
  const device = /^(dimm|dax):(.+)$/.exec(word);
  if (device !== null) {
    const [, kind, id = ""] = device;
    const place = dimms.get(id);
    if (place === undefined)
      throw new ParseError(
        `no ${kind === "dax" ? "dax device" : "DIMM"} ${JSON.stringify(id)} (known: ${[...dimms.keys()].join(", ") || "none"})`,
      );
    return (id) => liesOn(id, place, blockSizeBytes);
  }
  const container = /^container:(.+)$/.exec(word)?.[1];
  if (container !== undefined) {
    const containers = containersOf(machine);
    const memory = containers.get(container)?.memory;
    if (memory === undefined) {
      const known = containers.list().map(({ id }) => id);
      throw new ParseError(`no container ${JSON.stringify(container)} (known: ${known.join(", ") || "none"})`);
    }
    return (id) => memory.some((place) => liesOn(id, place, blockSizeBytes));
  }
  if (!/^\d/.test(word))
    throw new ParseError(
      `unknown word ${JSON.stringify(word)} (allowed: 32-39, all, online, offline, movable, normal, node:N, dimm:ID, dax:ID, container:ID)`,
    );
  const ids = parseNumberList(word);
  if (!MEMORY_HOTPLUG) throw new ParseError(`block ${word} does not exist: ${builtWithout("MEMORY_HOTPLUG").detail}`);
  const missing = ids.filter((id) => !blocks.has(id));
  if (missing.length > 0) throw new ParseError(`block ${missing[0]} does not exist`);
  const listed = new Set(ids);
  return (id) => listed.has(id);
}

function liesOn(id: number, { addr, sizeBytes }: DimmPlace, blockSizeBytes: number): boolean {
  return id >= Math.floor(addr / blockSizeBytes) && id < Math.ceil((addr + sizeBytes) / blockSizeBytes);
}
