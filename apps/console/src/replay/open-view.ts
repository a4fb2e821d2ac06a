import type { OpenView, StepFieldsView } from "../host/views.ts";
import { type Answer, answer } from "../session/answer.ts";
import type { Replay } from "./replay.ts";
import { differencesOf, fieldRows, recordedNotes, stepViews } from "./steps.ts";

/** A document that is open, for the page. */
export function openView(replay: Replay, step: number): OpenView {
  const { comparison, document, failures } = replay;
  return {
    name: document.name,
    kernel: document.kernel,
    step,
    steps: stepViews(replay),
    summary: summary(replay),
    differs: comparison === undefined ? failures.length > 0 : comparison.differences.length > 0,
    answer: stepAnswer(replay, step),
    besides: comparison === undefined ? "expected" : `kernel ${document.kernel}`,
  };
}

/** How the step taken last came out, as an answer to it: what was refused is marked on the map. */
function stepAnswer({ trace, words }: Replay, step: number): Answer | undefined {
  const [done, said] = [trace.steps[step - 1], words[step - 1]];
  if (done === undefined || said === undefined) return undefined;
  const refusals = done.refusal === undefined ? [] : [done.refusal];
  const tone = said.good ? "done" : refusals.length > 0 ? "refused" : "partly";
  return answer(tone, `step ${step}: ${said.asked}`, `→ ${said.outcome}`, refusals);
}

function summary({ comparison, document, failures }: Replay): string {
  if (comparison !== undefined)
    return `${comparison.matched} of ${comparison.total} steps as the kernel ${document.kernel} answered`;
  const expected = document.steps.filter((step) => step.expect !== undefined).length;
  if (expected === 0) return `${document.steps.length} steps`;
  return failures.length === 0 ? `all ${expected} expectations met` : `${failures.length} expectations not met`;
}

export function fieldsView(replay: Replay, index: number): StepFieldsView {
  const step = replay.document.steps[index];
  if (step === undefined) return { notes: [], differences: [], rows: [] };
  return {
    notes: recordedNotes(step, replay.trace.steps[index]),
    differences: differencesOf(replay, index).map(({ what }) => what),
    rows: fieldRows(replay, index),
  };
}
