import { chooseRules, judgeBlocks, readArchive, readHost, surveyHost, type Verdict } from "@memhp/capture";
import type { RecordedHostTruth } from "./record-host.ts";

/** What memhp says of a captured host, against what its kernel did. */
export interface HostComparison {
  readonly total: number;
  readonly matched: number;
  readonly differences: readonly { readonly block: number; readonly kernel: string; readonly memhp: string }[];
}

/** Judges every block of a captured host as `memhp explain` does, each from the captured state. */
export async function judgeHost(archive: Uint8Array, truth: RecordedHostTruth): Promise<HostComparison> {
  const host = readHost(await readArchive("capture.tar.gz", archive));
  const said = new Map([...judgeBlocks(surveyHost(host), chooseRules(host).rules)].map((v) => [v.block, errnoOf(v)]));
  const pairs = Object.entries(truth.isolated).map(([block, { errno }]) => ({
    block: Number(block),
    kernel: errno,
    memhp: said.get(Number(block)) ?? "unknown",
  }));
  const differences = pairs.filter(({ kernel, memhp }) => kernel !== memhp);
  return { total: pairs.length, matched: pairs.length - differences.length, differences };
}

function errnoOf({ answer, refusal }: Verdict): string {
  return answer === "goes_offline" ? "0" : String(refusal?.errno ?? answer);
}
