import { kernelOf } from "@memhp/kernels";
import type { RunDocument, Trace } from "@memhp/scenario";
import { unsharedActions, withoutActions } from "./chain-actions.ts";
import { compareKernels, type KernelComparison, type Projection, type StepComparison } from "./compare-kernels.ts";
import { missingFiles, withoutFiles } from "./missing-files.ts";
import { commonPolicy, policyWord, withPolicy } from "./online-policy.ts";

/** One thing from which differences of several steps follow. */
interface DifferenceCause {
  readonly cause: "auto_online_blocks" | "chain_actions" | "missing_file";
  readonly text: string;
  /** A word of the kernel's command line that takes it away. */
  readonly without?: string;
  /** Steps of which something follows from it: it goes, or reads otherwise, once the cause is gone. */
  readonly steps: readonly number[];
}

/** A comparison, the causes that were found, and what differs without them. */
export interface CausedComparison {
  readonly comparison: KernelComparison;
  readonly causes: readonly DifferenceCause[];
  readonly left: KernelComparison;
  readonly traces: readonly Trace[];
  /** Runs that `left` compares. */
  readonly leftTraces: readonly Trace[];
}

/** What `memhp compare --json` prints: the comparison as it is, its causes, and the steps that differ without them. */
export function comparisonJson({ comparison, causes, left }: CausedComparison): object {
  return { ...comparison, causes, left: left.steps.filter(({ same }) => !same) };
}

interface CompareOrder {
  readonly document: RunDocument;
  /** One run for each kernel. */
  readonly traces: readonly Trace[];
  /** What each machine did, after its boot, with memory that comes. */
  readonly policies: readonly string[];
  /** Runs a document once more. */
  readonly again: (document: RunDocument, kernel: string) => Promise<Trace>;
}

/**
 * Takes one cause away after the other and looks what goes with it: kernels are run again with the same auto_online_blocks, the
 * chains are compared by the actions that all of them have, and files that only some have are left out.
 */
export async function compareWithCauses({
  document,
  traces,
  policies,
  again,
}: CompareOrder): Promise<CausedComparison> {
  const kernels = traces.map(({ kernel }) => kernel);
  const comparison = compareKernels(traces);
  const causes: DifferenceCause[] = [];
  let left = comparison;
  let leftTraces = traces;
  const projections: Projection[] = [];
  const project: Projection = (step, view) => projections.reduce((seen, each) => each(step, seen), view);
  const takeAway = (cause: Omit<DifferenceCause, "steps">): void => {
    const now = compareKernels(leftTraces, project);
    const steps = changedSteps(left.steps, now.steps);
    if (steps.length > 0) causes.push({ ...cause, steps });
    left = now;
  };

  const policy = commonPolicy(policies);
  if (policies.some((each) => each !== policy)) {
    leftTraces = await inTurn(traces, (trace, i) =>
      policies[i] === policy ? trace : again(withPolicy(document, policy), kernels[i] ?? ""),
    );
    const without = policyWord(policy);
    takeAway({ cause: "auto_online_blocks", text: policyText(kernels, policies), without });
  }

  const actions = unsharedActions(
    kernels.map((kernel) => kernelOf(kernel)),
    leftTraces,
  );
  if (actions.size > 0) {
    projections.push(withoutActions(new Set([...actions.values()].flat())));
    takeAway({ cause: "chain_actions", text: actionsText(kernels, actions) });
  }

  for (const [path, without] of missingFiles(leftTraces)) {
    projections.push(withoutFiles(new Set([path])));
    takeAway({
      cause: "missing_file",
      text: `${listed(without)} ${without.length === 1 ? "has" : "have"} no file ${path}`,
    });
  }
  return { comparison, causes, left, traces, leftTraces };
}

async function inTurn<T, U>(items: readonly T[], each: (item: T, i: number) => U | Promise<U>): Promise<U[]> {
  const done: U[] = [];
  for (const [i, item] of items.entries()) done.push(await each(item, i));
  return done;
}

/** Steps whose differences went, or read otherwise. */
function changedSteps(before: readonly StepComparison[], after: readonly StepComparison[]): number[] {
  return before.flatMap(({ step, differences }) =>
    differences.length > 0 && JSON.stringify(after[step]?.differences) !== JSON.stringify(differences) ? [step] : [],
  );
}

function policyText(kernels: readonly string[], policies: readonly string[]): string {
  const byPolicy = new Map<string, string[]>();
  for (const [i, policy] of policies.entries())
    byPolicy.set(policy, [...(byPolicy.get(policy) ?? []), kernels[i] ?? ""]);
  const onlined = kernels.filter((_, i) => policies[i] !== "offline");
  const said = [...byPolicy].map(([policy, of]) => `${policy} under ${listed(of)}`).join(", ");
  return `${listed(onlined)} onlined by ${onlined.length === 1 ? "itself" : "themselves"} what came: auto_online_blocks is ${said}`;
}

function actionsText(kernels: readonly string[], actions: ReadonlyMap<string, readonly string[]>): string {
  const told = [...actions].map(([kernel, own]) => `${kernel} tells its callbacks ${listed(own)}`).join("; ");
  const others = kernels.filter((kernel) => !actions.has(kernel));
  return others.length === 0
    ? told
    : `${told}, which ${listed(others)} ${others.length === 1 ? "does" : "do"} not have`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
