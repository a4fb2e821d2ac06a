import type { Containers } from "@memhp/devices";
import { builtWithout, ParseError, parseNumberList, ZONE_MOVABLE } from "@memhp/abi";
import { BlockState, type MemoryMap, MIXED_ZONES, NO_ZONE } from "@memhp/engine";
import type { DimmPlace } from "./references.ts";

/** What the words of a list of blocks are looked up in. */
export interface BlockSelection {
  readonly map: MemoryMap;
  readonly dimms: ReadonlyMap<string, DimmPlace>;
  readonly containers?: Pick<Containers, "get" | "list">;
  readonly blockSizeBytes: number;
}

/**
 * Blocks of a list such as `32-39,41` or of words joined by `,` and narrowed by `&`:
 * `all`, `online`, `offline`, `movable`, `normal`, `node:N`, `dimm:ID`, `container:ID`.
 * @returns ids ascending.
 * @throws ParseError for an unknown word, a DIMM or container that is not there, or a block that does not exist.
 */
export function selectBlocks(text: string, selection: BlockSelection): number[] {
  const chosen = new Set<number>();
  for (const alternative of text.split(",")) {
    const narrowed = alternative.split("&").map((word) => blocksOfWord(word.trim(), selection));
    const [first, ...rest] = narrowed;
    for (const id of first ?? []) if (rest.every((set) => set.has(id))) chosen.add(id);
  }
  return [...chosen].sort((a, b) => a - b);
}

function blocksOfWord(word: string, { map, dimms, containers, blockSizeBytes }: BlockSelection): Set<number> {
  const { blocks } = map;
  const { MEMORY_HOTPLUG } = map.kernel.config;
  const where = (test: (id: number) => boolean): Set<number> =>
    new Set(MEMORY_HOTPLUG ? [...blocks.ids()].filter(test) : []);
  if (word === "all") return where(() => true);
  if (word === "online") return where((id) => blocks.state(id) === BlockState.online);
  if (word === "offline") return where((id) => blocks.state(id) === BlockState.offline);
  if (word === "movable") return where((id) => blocks.zone(id) === ZONE_MOVABLE);
  if (word === "normal")
    return where(
      (id) => blocks.zone(id) < ZONE_MOVABLE && blocks.zone(id) !== MIXED_ZONES && blocks.zone(id) !== NO_ZONE,
    );
  const node = /^node:(\d+)$/.exec(word);
  if (node !== null) {
    if (!map.nodes.has(Number(node[1])))
      throw new ParseError(`no node ${node[1]} (nodes: ${[...map.nodes.keys()].join(", ")})`);
    return where((id) => blocks.node(id) === Number(node[1]));
  }
  const dimm = /^dimm:(.+)$/.exec(word);
  if (dimm !== null) {
    const place = dimms.get(dimm[1] as string);
    if (place === undefined)
      throw new ParseError(`no DIMM ${JSON.stringify(dimm[1])} (known: ${[...dimms.keys()].join(", ") || "none"})`);
    return where((id) => liesOn(id, place, blockSizeBytes));
  }
  const container = /^container:(.+)$/.exec(word);
  if (container !== null) {
    const memory = containers?.get(container[1] as string)?.memory;
    if (memory === undefined) {
      const known = containers?.list().map(({ id }) => id) ?? [];
      throw new ParseError(`no container ${JSON.stringify(container[1])} (known: ${known.join(", ") || "none"})`);
    }
    return where((id) => memory.some((place) => liesOn(id, place, blockSizeBytes)));
  }
  if (!/^\d/.test(word))
    throw new ParseError(
      `unknown word ${JSON.stringify(word)} (allowed: 32-39, all, online, offline, movable, normal, node:N, dimm:ID, container:ID)`,
    );
  const ids = parseNumberList(word);
  if (!MEMORY_HOTPLUG) throw new ParseError(`block ${word} does not exist: ${builtWithout("MEMORY_HOTPLUG").detail}`);
  const missing = ids.filter((id) => !blocks.has(id));
  if (missing.length > 0) throw new ParseError(`block ${missing[0]} does not exist`);
  return new Set(ids);
}

function liesOn(id: number, { addr, sizeBytes }: DimmPlace, blockSizeBytes: number): boolean {
  return id >= Math.floor(addr / blockSizeBytes) && id < Math.ceil((addr + sizeBytes) / blockSizeBytes);
}
