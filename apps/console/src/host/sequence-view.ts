import type { Sequence } from "@memhp/diagram";
import { EventSequence } from "@memhp/scenario";
import type { Session } from "../session/session.ts";

/** What was done, and who spoke to whom during one of these. */
export interface SequenceView {
  /** The newest last. */
  readonly marks: readonly { readonly number: number; readonly text: string }[];
  /** Of the mark that is shown. */
  readonly shown: number | undefined;
  readonly sequence: Sequence;
}

/** @param wanted number of a mark: of the event that it begins at. */
export function sequenceView({ log }: Session, wanted: number | undefined): SequenceView {
  // What is at one event twice did nothing the first time.
  const marks = log.marks
    .filter(({ from }, i) => from !== log.marks[i + 1]?.from)
    .map(({ text, from }) => ({ number: from, text }));
  const at = marks.findIndex(({ number }) => number === wanted);
  const place = at < 0 ? marks.length - 1 : at;
  const shown = marks[place];
  const sequence = new EventSequence();
  const from = Math.max(log.dropped, shown?.number ?? log.end);
  for (let number = from; number < (marks[place + 1]?.number ?? log.end); number++) sequence.add(log.at(number));
  return { marks, shown: shown?.number, sequence: sequence.finish(shown?.text ?? "Nothing was done yet") };
}
