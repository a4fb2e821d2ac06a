import type { Finding, FuzzCounts } from "@memhp/sweep/fuzz";
import { textTable } from "@memhp/shell";

export const FUZZ_FORMAT = "memhp-fuzz/1";

/** What random runs found. */
export interface FuzzReport {
  readonly format: typeof FUZZ_FORMAT;
  readonly seed: number;
  readonly kernels: readonly string[];
  readonly interrupted?: true;
  readonly counts: FuzzCounts;
  readonly findings: (Finding & { readonly kernel: string; readonly seed: number; readonly file: string })[];
  /** Runs whose worker ended. */
  readonly lost: { readonly kernel: string; readonly seed: number; readonly why: string }[];
}

export function fuzzReport(seed: number, kernels: readonly string[], counts: FuzzCounts): FuzzReport {
  return { format: FUZZ_FORMAT, seed, kernels, counts, findings: [], lost: [] };
}

export function reportText(report: FuzzReport, isJson: boolean): string {
  if (isJson) return `${JSON.stringify(report, undefined, 2)}\n`;
  const { counts, findings, lost, seed, interrupted } = report;
  const kernels = textTable<readonly [string, number]>(
    [
      { name: "KERNEL", align: "left", cell: ([kernel]) => kernel },
      { name: "OPERATIONS", align: "right", cell: ([, operations]) => String(operations) },
    ],
    Object.entries(counts.byKernel),
  );
  const checks = textTable<readonly [string, number]>(
    [
      { name: "LAW", align: "left", cell: ([law]) => law },
      { name: "CHECKED", align: "right", cell: ([, times]) => String(times) },
    ],
    Object.entries(counts.checks),
  );
  const found = findings.map(({ law, file, what, scenario, tried, isUnfinished }) => {
    const left = ` (${scenario.steps.length} steps after ${tried} tries; perhaps not as small as can be)`;
    return `\n${law}: ${file}${isUnfinished === true ? left : ""}\n  ${what.split("\n")[0] ?? ""}\n`;
  });
  const gone = lost.map(({ kernel, seed, why }) => `\nlost: ${kernel}, seed ${seed}: its worker ended: ${why}\n`);
  const { cases, operations, refused, dead, stuck } = counts;
  const ends = [
    `${refused} steps refused`,
    ...(dead === 0 ? [] : [`${dead} kernels died`]),
    ...(stuck === 0 ? [] : [`${stuck} runs stuck`]),
  ];
  return `${kernels}\n${checks}${found.join("")}${gone.join("")}
${interrupted === true ? "interrupted: " : ""}${operations} operations in ${cases} runs (seed ${seed}; ${ends.join(", ")}), ${found.length + gone.length} broke a law
`;
}

/** How far it has come. */
export function progressText(
  { operations, cases, findings }: FuzzCounts,
  ms: number,
  { mostMs, mostOps }: { readonly mostMs: number; readonly mostOps: number },
): string {
  const share = Math.min(1, Math.max(ms / mostMs, operations / mostOps));
  const leftS = share > 0 ? Math.ceil((ms / share - ms) / 1000) : 0;
  return `${operations} operations in ${cases} runs, ${findings} broke a law, about ${leftS} s left`;
}
