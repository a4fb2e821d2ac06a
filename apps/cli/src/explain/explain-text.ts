import { formatSize, parseNumberList, refusalSentences } from "@memhp/abi";
import { textTable } from "@memhp/shell";
import { wrap } from "../text/wrap.ts";
import type { Layout } from "../timeline/layout.ts";
import { briefList } from "../timeline/uevents.ts";
import { pagesText } from "../timeline/words.ts";
import { acrossNodes, type ShownGroup } from "./across-nodes.ts";
import type { Answer, ExplainedGroup } from "./explained.ts";
import { driverManagedText } from "./driver-managed.ts";
import { headline } from "./headline.ts";
import type { Explanation } from "./explanation.ts";
import { virtioMemText } from "./virtio-mem/virtio-mem-text.ts";

const headings: Readonly<Record<Answer, string>> = {
  goes_offline: "Would go offline",
  kills_programs: "Would go offline after the OOM killer has ended programs",
  refused: "Would be refused",
  never_ends: "Would try until somebody sends a signal",
  unknown: "Nobody can tell without a try",
  is_offline: "Offline already",
};

const INDENT = "  ";

/** An explanation for people: what goes as a table, what does not in sentences. */
export function explanationText(explanation: Explanation, layout: Layout): string {
  const { groups, cannot_tell: cannotTell, warnings = [], virtio_mem: devices = [] } = explanation;
  const sections = (Object.keys(headings) as Answer[]).flatMap((answer) => {
    const alike = acrossNodes(groups.filter((group) => group.answer === answer));
    return alike.length === 0 ? [] : [section(answer, alike, explanation, layout)];
  });
  const last =
    cannotTell.length === 0
      ? []
      : [wrap(`These files do not tell: ${cannotTell.join("; ")}.`, layout.width, 0).join("\n")];
  const first = wrap(headline(explanation), layout.width, 0).map((line) => layout.paint("strong", line));
  const told = virtioMemText(devices, layout);
  const managed = driverManagedText(explanation.dax ?? [], explanation.balloon, layout);
  const ofDevices = [told, managed].flatMap((text) => text ?? []);
  const doubts = warnings.map((warning) => wrap(warning, layout.width, 0).join("\n"));
  return `${[first.join("\n"), ...doubts, ...sections, ...ofDevices, ...last].join("\n\n")}\n`;
}

function section(
  answer: Answer,
  groups: readonly ShownGroup[],
  { page_size: pageSize }: Explanation,
  layout: Layout,
): string {
  const heading = layout.paint(answer === "refused" || answer === "never_ends" ? "bad" : "strong", headings[answer]);
  const body = groups.some(({ refusal }) => refusal !== undefined)
    ? groups.flatMap((group) => paragraph(group, layout))
    : table(groups, pageSize ?? 0).map((line) => `${INDENT}${line}`);
  // Groups may share a sentence of their notes.
  const notes = [...new Set(groups.flatMap(({ note }) => note?.split(/(?<=\.) (?=[A-Z])/) ?? []))];
  const remarks = notes.flatMap((note) => wrap(`${INDENT}${note}`, layout.width, INDENT.length));
  return [heading, ...body, ...remarks].join("\n");
}

function table(groups: readonly ShownGroup[], pageSize: number): string[] {
  const text = textTable<ShownGroup>(
    [
      { name: "BLOCKS", align: "left", cell: ({ blocks }) => briefList(parseNumberList(blocks)) },
      { name: "NODE", align: "right", cell: ({ nodes }) => nodes },
      { name: "ZONE", align: "left", cell: ({ zone }) => zone ?? "" },
      ...(groups.some(({ pages }) => pages !== undefined)
        ? [{ name: "PAGES", align: "left", cell: (group: ShownGroup) => movesText(group, pageSize) } as const]
        : []),
    ],
    groups,
  );
  return text.trimEnd().split("\n");
}

function movesText({ pages, targets = [], about_ms: aboutMs }: ExplainedGroup, pageSize: number): string {
  if (pages === undefined) return "";
  const dissolved = pages.dissolved === 0 ? "" : `, ${sizeText(pages.dissolved, pageSize)} of free hugepages dissolved`;
  if (pages.movable === 0) return `nothing to move${dissolved}`;
  const time = aboutMs === undefined ? "" : `, about ${(aboutMs / 1000).toFixed(1)} s`;
  return `${sizeText(pages.movable, pageSize)} to move, ${targetsText(targets)}${dissolved}${time}`;
}

/** `12288 pages (48M)` */
export function sizeText(pages: number, pageSize: number): string {
  return `${pagesText(pages)} (${formatSize(pages * pageSize)})`;
}

/** `to node 1`, or with its part of the pages each. */
export function targetsText(targets: NonNullable<ExplainedGroup["targets"]>): string {
  if (targets.length === 1) return `to node ${targets[0]?.node}`;
  return targets.map(({ node, pages }) => `${pages} to node ${node}`).join(", ");
}

/** Why blocks do not go, in sentences; of blocks that are offline, why they would not come back. */
export function paragraph(
  {
    blocks,
    count,
    answer,
    refusal,
    node,
    nodes,
  }: Pick<ExplainedGroup, "blocks" | "count" | "refusal"> & Partial<ShownGroup>,
  layout: Layout,
): string[] {
  const which = `block${count === 1 ? "" : "s"} ${briefList(parseNumberList(blocks))}`;
  const where = node === null && nodes !== undefined && nodes !== "" ? `${which} of nodes ${nodes}` : which;
  if (refusal === undefined) return [`${INDENT}${where}`];
  const first = answer === "is_offline" ? "What follows keeps memory from going online again. " : "";
  return wrap(`${INDENT}${first}${refusalSentences(refusal, where).join(" ")}`, layout.width, 2 * INDENT.length);
}
