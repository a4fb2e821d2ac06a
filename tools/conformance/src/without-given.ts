import { compareWithKernel, fittingWithoutGiven, runRecorded } from "@memhp/recorded";
import { operationOf, type RunDocument } from "@memhp/scenario";
import { readTrace, type TraceId } from "./traces.ts";

/** How a recorded run goes when nobody says where kernel pages lay. */
export interface WithoutGiven {
  readonly id: TraceId;
  readonly total: number;
  /** Steps that are as the kernel's when memhp goes its own way from the first to the last: what follows a wrong guess is wrong too. */
  readonly matched: number;
  /** Steps in which memhp answers as the kernel did when each wrong guess is put right before the next step. */
  readonly foretold: number;
}

/** What a run tells of the kernel's pages, taken away; but for the steps that are told. */
function withdrawn(document: RunDocument, told: ReadonlyMap<number, boolean>): RunDocument {
  const steps = document.steps.map((step, i) => ({ ...step, unmovablePages: told.get(i) }));
  return { ...document, kernelBlocks: undefined, steps };
}

async function differingSteps(document: RunDocument): Promise<{ readonly total: number; readonly steps: number[] }> {
  const { trace } = await runRecorded(document, { fitting: fittingWithoutGiven });
  const { total, differences } = compareWithKernel(document, trace);
  return { total, steps: [...new Set(differences.map(({ step }) => step))] };
}

/** Replays a run with `given` withdrawn, of boot and of all steps. */
export async function withoutGiven(id: TraceId): Promise<WithoutGiven> {
  const document = readTrace(id);
  const told = new Map<number, boolean>();
  const { total, steps } = await differingSteps(withdrawn(document, told));
  let left = steps;
  // A step that tells of a block is put right; whatever else differs stays wrong.
  for (;;) {
    const wrong = left.find((step) => !told.has(step) && isAboutBlock(document, step));
    if (wrong === undefined) break;
    told.set(wrong, document.steps[wrong]?.unmovablePages === true);
    left = (await differingSteps(withdrawn(document, told))).steps;
  }
  return { id, total, matched: total - steps.length, foretold: total - new Set([...told.keys(), ...left]).size };
}

function isAboutBlock({ steps }: RunDocument, step: number): boolean {
  const request = steps[step]?.request;
  return request !== undefined && operationOf(request.op).blockOf !== undefined;
}
