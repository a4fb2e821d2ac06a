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
  const chosen = alternatives.map((words) => {
    const [narrowest] = words
      .flatMap(({ among }) => (among === undefined ? [] : [among]))
      .sort((a, b) => a.length - b.length);
    const ids = narrowest ?? [...machine.map.blocks.ids()];
    return ids.filter((id) => words.every(({ holds }) => holds(id)));
  });
  const [first = [], ...more] = chosen;
  return more.length === 0 ? first : [...new Set(chosen.flat())].sort((a, b) => a - b);
}

interface BlockTest {
  readonly holds: (id: number) => boolean;
  /** The only blocks for which it can hold, ascending: a machine may have half a million others. */
  readonly among?: readonly number[];
}

function testOfWord(word: string, machine: Machine, dimms: ReadonlyMap<string, DimmPlace>): BlockTest {
  const { map } = machine;
  const { blockSizeBytes } = machine.board;
  const { blocks } = map;
  const { MEMORY_HOTPLUG } = map.kernel.config;
  if (word === "all") return { holds: () => true };
  if (word === "online") return { holds: (id) => blocks.state(id) === BlockState.online };
  if (word === "offline") return { holds: (id) => blocks.state(id) === BlockState.offline };
  if (word === "movable") return { holds: (id) => blocks.zone(id) === ZONE_MOVABLE };
  if (word === "normal") return { holds: (id) => isKernelZone(blocks.zone(id)) };
  const node = /^node:(\d+)$/.exec(word);
  if (node !== null) {
    if (!map.nodes.has(Number(node[1])))
      throw new ParseError(`no node ${node[1]} (nodes: ${[...map.nodes.keys()].join(", ")})`);
    const number = Number(node[1]);
    return { holds: (id) => blocks.node(id) === number };
  }
  const device = /^(dimm|dax):(.+)$/.exec(word);
  if (device !== null) {
    const [, kind, id = ""] = device;
    const place = dimms.get(id);
    if (place === undefined)
      throw new ParseError(
        `no ${kind === "dax" ? "dax device" : "DIMM"} ${JSON.stringify(id)} (known: ${[...dimms.keys()].join(", ") || "none"})`,
      );
    return {
      holds: (id) => liesOn(id, place, blockSizeBytes),
      among: machine.blocksOf({ start: place.addr, size: place.sizeBytes }),
    };
  }
  const container = /^container:(.+)$/.exec(word)?.[1];
  if (container !== undefined) {
    const containers = containersOf(machine);
    const memory = containers.get(container)?.memory;
    if (memory === undefined) {
      const known = containers.list().map(({ id }) => id);
      throw new ParseError(`no container ${JSON.stringify(container)} (known: ${known.join(", ") || "none"})`);
    }
    return { holds: (id) => memory.some((place) => liesOn(id, place, blockSizeBytes)) };
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
  return { holds: (id) => listed.has(id), among: ids };
}

function isKernelZone(zone: number): boolean {
  return zone < ZONE_MOVABLE && zone !== MIXED_ZONES && zone !== NO_ZONE;
}

function liesOn(id: number, { addr, sizeBytes }: DimmPlace, blockSizeBytes: number): boolean {
  return id >= Math.floor(addr / blockSizeBytes) && id < Math.ceil((addr + sizeBytes) / blockSizeBytes);
}
