import { formatNumberList, groupBy, refusalSentences } from "@memhp/abi";
import {
  type CaptureAnswer,
  CaptureError,
  type CaptureFiles,
  chooseRules,
  countedHost,
  type Host,
  hostImage,
  hostUnknowns,
  judgeBlocks,
  readArchive,
  readHost,
  surveyHost,
  type Verdict,
} from "@memhp/capture";
import { decodeImage, ImageError, type MachineImage } from "@memhp/machine";
import { countWords } from "../words/size-words.ts";

/** Blocks of a captured host of which the same is foreseen. */
export interface ForeseenGroup {
  readonly answer: CaptureAnswer;
  readonly heading: string;
  readonly count: number;
  readonly blocks: string;
  /** What stands in the way, where something does. */
  readonly why: string;
}

/** What is known of a host that was captured, before anything is tried. */
export interface HostReport {
  readonly source: string;
  readonly release: string;
  /** By whose rules it is judged, and why. */
  readonly rules: string;
  /** What it is, and what of it is a guess; sentences. */
  readonly words: readonly string[];
  readonly groups: readonly ForeseenGroup[];
}

export interface MachineFile {
  readonly image: MachineImage;
  readonly report: HostReport | undefined;
}

const headings: Readonly<Record<CaptureAnswer, string>> = {
  goes_offline: "would go offline",
  kills_programs: "would go offline after the OOM killer has ended programs",
  refused: "would be refused",
  never_ends: "would never end by itself",
  unknown: "cannot be told",
  is_offline: "offline",
};

/** A captured host, or an image that `memhp run --save` wrote. @throws Error with a sentence where it is neither. */
export async function readMachineFile(name: string, bytes: Uint8Array): Promise<MachineFile> {
  const files = await archive(name, bytes);
  if (!(files instanceof CaptureError)) return ofHost(name, readHost(files));
  try {
    return { image: await decodeImage([bytes]), report: undefined };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new Error(
      `${name} is neither a captured host (tar, tar.gz, tar.zst; ${files.message}) nor an image of memhp (${error.message})`,
      { cause: error },
    );
  }
}

async function archive(name: string, bytes: Uint8Array): Promise<CaptureFiles | CaptureError> {
  try {
    return await readArchive(name, bytes);
  } catch (error) {
    if (error instanceof CaptureError) return error;
    throw error;
  }
}

function ofHost(source: string, read: Host): MachineFile {
  const host = read.flags === undefined ? countedHost(read) : read;
  const image = hostImage(host);
  const { rules, why } = chooseRules(host);
  const { pages, unknown, takenForFree } = hostUnknowns(host, image);
  const words = [
    `Unknown: what ${countWords(unknown)} of its ${countWords(pages)} pages are; they count as memory of the kernel.`,
    host.missing.includes("/proc/kpageflags")
      ? "Only how many pages of each zone are free or of programs is known, not where: each block has its share."
      : `Guessed: ${countWords(takenForFree)} pages without a flag are free.`,
    "Not in a capture: who pins a page, programs that would allocate, devices.",
    ...host.missing.map((file) => `${file} is missing in it.`),
  ];
  const groups = groupsOf([...judgeBlocks(surveyHost(host), rules)]);
  const release = host.release ?? "of an unknown version";
  return { image, report: { source, release, rules: `${rules.id}: ${why}`, words, groups } };
}

/** Blocks alike in answer and reason stand together. */
function groupsOf(verdicts: readonly Verdict[]): ForeseenGroup[] {
  const groups = groupBy(verdicts, ({ answer, refusal, note = "" }) => `${answer} ${refusal?.code ?? ""} ${note}`);
  return [...groups.values()]
    .map((group) => {
      const { answer, refusal, note = "" } = group[0] as Verdict;
      return {
        answer,
        heading: headings[answer],
        count: group.length,
        blocks: formatNumberList(group.map(({ block }) => block)),
        why: [refusal === undefined ? "" : refusalSentences(refusal)[0], note].filter((part) => part !== "").join(" "),
      };
    })
    .sort((a, b) => b.count - a.count);
}
