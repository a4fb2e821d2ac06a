import { type Refusal, type ZoneName, zoneNames } from "@memhp/abi";
import { oneZoneRule } from "@memhp/engine";
import { type Kernel, kernelOf } from "@memhp/kernels";
import type { ReadTree } from "@memhp/sysfs";
import { InputError } from "../errors.ts";
import { readMemoryDirectory } from "../input/memory-directory.ts";
import type { ExplainedBlock } from "./explained.ts";
import { explanationOf, type Explanation } from "./explanation.ts";

const MEMORY = "/sys/devices/system/memory";
const PAGE_SIZE = 4096;

/** What no file of a block says, and an offline may fail for. */
const CANNOT_TELL = [
  "whether pages find room elsewhere",
  "whether somebody has pinned some of them",
  "whether a part of the kernel would veto (MEM_GOING_OFFLINE)",
];

/** Explains the blocks of a tree on the disk. @throws InputError */
export async function explainFiles(directory: string, kernel: string, only: number | undefined): Promise<Explanation> {
  const tree = await readMemoryDirectory(directory);
  const blocks = blocksOf(tree);
  const chosen = only === undefined ? blocks : blocks.filter((block) => block === only);
  if (chosen.length === 0) throw new InputError(`${directory}: block ${only} does not exist`);
  const size = Number.parseInt(text(tree, "block_size_bytes") ?? "", 16);
  const { zones } = kernelOf(kernel);
  return explanationOf(
    chosen.map((block) => explainBlock(tree, block, zones)),
    {
      kernel,
      source: "files",
      block_size: Number.isNaN(size) ? null : size,
      page_size: PAGE_SIZE,
      cannot_tell: CANNOT_TELL,
    },
  );
}

function blocksOf(tree: ReadTree): number[] {
  const names = tree.list(MEMORY);
  return (names.ok ? names.value : []).flatMap((name) => (/^memory\d+$/.test(name) ? [Number(name.slice(6))] : []));
}

function text(tree: ReadTree, file: string): string | undefined {
  const read = tree.read(`${MEMORY}/${file}`);
  return read.ok ? read.value.trim() : undefined;
}

function explainBlock(tree: ReadTree, block: number, rules: Kernel["zones"]): ExplainedBlock {
  const names = tree.list(`${MEMORY}/memory${block}`);
  const nodes = (names.ok ? names.value : []).flatMap((name) =>
    /^node\d+$/.test(name) ? [Number(name.slice(4))] : [],
  );
  const node = nodes[0] ?? null;
  const state = text(tree, `memory${block}/state`);
  if (state === undefined) return { block, node, zone: null, answer: "unknown", note: "Its state cannot be read." };
  if (state === "offline") return { block, node, zone: null, answer: "is_offline" };
  return {
    block,
    node,
    ...explainOnline(
      block,
      nodes,
      text(tree, `memory${block}/valid_zones`),
      text(tree, `memory${block}/removable`),
      rules,
    ),
  };
}

/** For an online block the first word of valid_zones is its zone; `none` where it has no single one (facts §2.3). */
function explainOnline(
  block: number,
  nodes: readonly number[],
  validZones: string | undefined,
  removable: string | undefined,
  rules: Kernel["zones"],
): Pick<ExplainedBlock, "zone" | "answer" | "refusal" | "note"> {
  const word = validZones?.split(" ")[0];
  const zone = zoneNames.find((name) => name === word) ?? null;
  const at = { block, ...(nodes[0] === undefined ? {} : { node: nodes[0] }), ...(zone === null ? {} : { zone }) };
  if (word === "none" || nodes.length > 1) return { zone: null, answer: "refused", refusal: mixedZones(at, rules) };
  if (removable === "0" && rules.removableFile === "page-scan")
    return { zone, answer: "refused", refusal: notRemovable(at) };
  if (zone === "Movable")
    return { zone, answer: "goes_offline", note: "If its pages find room elsewhere and none of them is pinned." };
  const note =
    zone === null
      ? "The files do not say in which zone it is."
      : "In a kernel zone the kernel's own pages may lie, which cannot move; the files do not say where.";
  return { zone, answer: "unknown", note };
}

type Place = { readonly block: number; readonly node?: number; readonly zone?: ZoneName };

function mixedZones(at: Place, { oneZoneCheck }: Kernel["zones"]): Refusal {
  return {
    ...at,
    errno: "EINVAL",
    code: "mixed_zones",
    rule: oneZoneRule[oneZoneCheck],
    retry: "no",
    remedy: ["choose another block"],
  };
}

function notRemovable(at: Place): Refusal {
  return {
    ...at,
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "facts §2.7: removable reads 0, because the scan for pages that cannot move found some",
    retry: "maybe",
    remedy: ["drop_caches frees reclaimable slab", "online this range as movable"],
  };
}
