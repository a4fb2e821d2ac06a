import type { Refusal } from "@memhp/abi";
import { type Asked, asked } from "../session/asked.ts";

/** What a machine has that remedies may name. */
export interface RemedyPlace {
  readonly loads: readonly { readonly id: string }[];
  /** The first block of a node that is offline; undefined where none is. */
  firstOffline(node: number): number | undefined;
  /** Whether any block of the node, or of all, is offline. */
  hasOffline(node?: number): boolean;
}

/** Something that can be done about a refusal: what a button says, and what it does. */
export interface Remedy {
  readonly words: string;
  readonly command: Asked;
}

type Reader = (found: RegExpExecArray, refusal: Refusal, place: RemedyPlace) => readonly Remedy[];

const end = (id: string): Remedy => ({ words: `End ${id}`, command: asked({ op: "unload", id }) });
const unpin = (id: string): Remedy => ({ words: `Unpin ${id}`, command: asked({ op: "unpin", id }) });
const write = (path: string, data: string): Asked => asked({ op: "write", path, data: `${data}\n` });
/** More buttons than this are a list of everything, and no advice. */
const MOST_LOADS = 3;
const endAny = (loads: RemedyPlace["loads"]): Remedy[] => loads.slice(0, MOST_LOADS).map(({ id }) => end(id));
const onlineMore = (place: RemedyPlace, node?: number): Remedy[] =>
  !place.hasOffline(node)
    ? []
    : [
        {
          words: `Online what is offline${node === undefined ? "" : ` of node ${node}`} as movable`,
          command: {
            do: "write",
            blocks: node === undefined ? "offline" : `offline & node:${node}`,
            word: "online_movable",
          },
        },
      ];

// The words are those of the rules that refuse (engine, hotplug, machine); a test has each of them from a machine.
const readers: readonly (readonly [RegExp, Reader])[] = [
  [
    /^online the block at the (?:start|end) of ZONE_\w+ \(block (\d+)\) as (kernel|movable) first$/,
    ([, block, type]) => [
      {
        words: `Online memory${block} as ${type}`,
        command: { do: "write", blocks: block ?? "", word: type === "kernel" ? "online_kernel" : "online_movable" },
      },
    ],
  ],
  [
    /^online a block of this node with online_kernel first$/,
    (_, { node }, place) => {
      const block = node === undefined ? undefined : place.firstOffline(node);
      if (block === undefined) return [];
      return [
        {
          words: `Online memory${block} as kernel`,
          command: { do: "write", blocks: String(block), word: "online_kernel" },
        },
      ];
    },
  ],
  [
    /^offline the Movable blocks of node (\d+) first$/,
    ([, node]) => [
      {
        words: `Offline the movable blocks of node ${node}`,
        command: { do: "write", blocks: `online & movable & node:${node}`, word: "offline" },
      },
    ],
  ],
  [
    /^offline block (\d+) first$/,
    ([, block]) => [
      { words: `Offline memory${block}`, command: { do: "write", blocks: block ?? "", word: "offline" } },
    ],
  ],
  [/^drop_caches frees/, () => [{ words: "Drop caches", command: write("/proc/sys/vm/drop_caches", "2") }]],
  [/^wait until load:(\S+) unpins/, ([, id]) => (id === undefined ? [] : [unpin(id), end(id)])],
  [/^(?:release the pages of|shrink) load:(\S+)$/, ([, id]) => (id === undefined ? [] : [end(id)])],
  [
    /^(?:free or online memory where|free memory on node \d+|end another load$|end a program)/,
    (_, __, place) => [...onlineMore(place), ...endAny(place.loads)],
  ],
  [
    /^online more memory (?:on node (\d+)|on any node|there)$/,
    ([, node], _, place) => onlineMore(place, node === undefined ? undefined : Number(node)),
  ],
  [
    /^if an error is injected, write 0 to its error file$/,
    (_, { detail }) => {
      const action = /MEM_GOING_(?:ONLINE|OFFLINE)/.exec(detail ?? "")?.[0] as "MEM_GOING_ONLINE" | undefined;
      return action === undefined
        ? []
        : [{ words: `Inject nothing at ${action}`, command: asked({ op: "inject", action, errno: 0 }) }];
    },
  ],
  [
    /^(?:write again when|wait until the other|try again)/,
    () => [{ words: "Let 1 s pass", command: asked({ op: "wait", s: 1 }) }],
  ],
];

/** What of the remedies of a refusal can be carried out here; the loads whose pages stand in the way among it. */
export function remediesOf(refusal: Refusal, place: RemedyPlace): Remedy[] {
  const said = refusal.remedy.flatMap((text) => {
    for (const [pattern, read] of readers) {
      const found = pattern.exec(text);
      if (found !== null) return read(found, refusal, place);
    }
    return [];
  });
  const running = new Set(place.loads.map(({ id }) => id));
  const owners = (refusal.pages ?? []).flatMap(({ owner }) => /^load:(.+)$/.exec(owner ?? "")?.[1] ?? []);
  const all = [...said, ...owners.map(end)].filter((each) => isThere(each, running));
  const seen = new Set<string>();
  return all.filter(({ words }) => !seen.has(words) && seen.add(words));
}

/** A load that a remedy would end may have ended since. */
function isThere({ command }: Remedy, running: ReadonlySet<string>): boolean {
  if (command.do !== "steps") return true;
  return command.steps.every(
    ({ op, ...operands }) => (op !== "unload" && op !== "unpin") || running.has(operands["id"] as string),
  );
}
