import type { OpenView, StepFieldsView } from "../host/views.ts";
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
    besides: comparison === undefined ? "expected" : `kernel ${document.kernel}`,
  };
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
