import { groupBy, formatSize, refusalSentences } from "@memhp/abi";
import { configText, sourceNote } from "@memhp/kernels";
import type { BootRefusal, Machine } from "@memhp/machine";
import type { Entry } from "./entry.ts";

const MAX_NAMES = 4;

/** What is told of a machine before its first step: a kernel that no run proves or that was built otherwise, words that are not carried out, memory that the kernel did not take at boot. */
export function headEntries(
  { kernel, ignored, bootRefusals }: Pick<Machine, "kernel" | "ignored" | "bootRefusals">,
  besides: Machine["ignored"] = [],
): Entry[] {
  const note = sourceNote(kernel);
  const { id, configured } = kernel;
  return [
    ...(note === undefined ? [] : [{ subject: "kernel", text: note, tone: "note" } as const]),
    ...(configured === undefined
      ? []
      : [{ subject: "kernel", text: `${id}, built with ${configText(configured)}`, tone: "note" } as const]),
    ...[...besides, ...ignored].map(({ where, word, why }): Entry => ({
      subject: "ignored",
      text: `${where}: ${word} (${why})`,
      tone: "note",
    })),
    ...alike(bootRefusals).flatMap((group) => bootEntries(group)),
  ];
}

/** Devices whose memory was refused for one reason. */
function alike(refusals: readonly BootRefusal[]): BootRefusal[][] {
  const likeness = ({ refusal: { rule, errno, remedy }, sizeBytes }: BootRefusal): string =>
    JSON.stringify([rule, errno, remedy, sizeBytes]);
  return [...groupBy(refusals, likeness).values()];
}

function bootEntries(group: readonly BootRefusal[]): Entry[] {
  const [first] = group;
  if (first === undefined) return [];
  const names = group.slice(0, MAX_NAMES).map(({ device }) => device);
  const more = group.length > names.length ? ` and ${group.length - names.length} more` : "";
  const size = `${formatSize(first.sizeBytes)}${group.length === 1 ? "" : " each"}`;
  const [what, rule, help] = refusalSentences(first.refusal);
  return [
    { subject: "boot", text: `no memory of ${names.join(", ")}${more} (${size}): ${what}`, tone: "bad" },
    { subject: "", text: rule, tone: "plain" },
    { subject: "", text: help, tone: "plain" },
  ];
}

/** The same words in lines, for commands that tell no timeline. */
export function ignoredLines(ignored: Machine["ignored"], before = ""): string {
  return ignored.map(({ where, word, why }) => `${before}ignored ${where}: ${word} (${why})\n`).join("");
}

/** The same for a document of JSON: absent where every word is carried out. */
export function ignoredOf({ ignored }: Pick<Machine, "ignored">): { readonly ignored?: Machine["ignored"] } {
  return ignored.length === 0 ? {} : { ignored };
}
