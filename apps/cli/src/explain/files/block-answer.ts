import { type Refusal, type ZoneName, zoneNames } from "@memhp/abi";
import { oneZoneRule } from "@memhp/engine";
import type { Kernel } from "@memhp/kernels";
import type { ReadTree } from "@memhp/sysfs";
import type { ExplainedBlock } from "../explained.ts";
import { fileText, MEMORY, nodesOf } from "./file-text.ts";

/** What the files of one block say of an offline. */
export function blockAnswer(tree: ReadTree, block: number, rules: Kernel["zones"]): ExplainedBlock {
  const file = (name: string): string | undefined => fileText(tree, `${MEMORY}/memory${block}/${name}`);
  const nodes = nodesOf(tree, block);
  const at = { block, node: nodes[0] ?? null };
  const state = file("state");
  switch (state) {
    case "online":
      return { ...at, ...explainOnline(block, nodes, file("valid_zones"), file("removable"), rules) };
    case "offline":
      return { ...at, zone: null, answer: "is_offline" };
    case "going-offline":
      return { ...at, zone: null, answer: "never_ends", note: STUCK };
    case undefined:
      return { ...at, zone: null, answer: "unknown", note: "Its state cannot be read." };
    default:
      return { ...at, zone: null, answer: "unknown", note: `Its state reads ${JSON.stringify(state.slice(0, 40))}.` };
  }
}

/** facts §2.2: `state` reads so from the first notification to the end of an attempt. */
const STUCK =
  "state reads going-offline: somebody's attempt is under way, or stuck. Another one waits for its end, or for a signal to its writer.";

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
