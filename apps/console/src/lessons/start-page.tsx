import type { ReactNode } from "react";
import type { PageEvent } from "../page/page-machine.ts";
import { type Lesson, lessons } from "./lesson-list.ts";

interface StartPageProps {
  readonly send: (event: PageEvent) => void;
}

const numbers: Readonly<Record<number, string>> = { 5: "Five", 6: "Six", 7: "Seven" };

/** Where somebody begins who has never been here: lessons, then a machine, a host or a file of their own. */
export function StartPage({ send }: StartPageProps): ReactNode {
  const open = ({ file }: Lesson): void => send({ type: "OPEN", source: file, text: () => textOf(file) });
  return (
    <section className="start" aria-label="Start here">
      <h2>Start here</h2>
      <p className="quiet">
        {`${numbers[lessons.length] ?? lessons.length} lessons of two minutes.`} Each is a run that was recorded from a
        real kernel, run again by the simulated one beside it.
      </p>
      <ol>
        {lessons.map((lesson) => (
          <li key={lesson.file}>
            <button type="button" onClick={() => open(lesson)}>
              {lesson.title}
            </button>
            <span>{lesson.about}</span>
          </li>
        ))}
      </ol>
      <h3>Then your own</h3>
      <dl>
        <dt>Your machine</dt>
        <dd>
          Choose a block on the map and write to it, plug in a DIMM, start a load; or{" "}
          <a href="#machine">boot another machine</a>.
        </dd>
        <dt>Your host</dt>
        <dd>
          <code>sudo memhp capture host.tar.zst</code> records what its pages are. Drop that file here: the page says
          which blocks would go offline, and why the others would not.
        </dd>
        <dt>Your file</dt>
        <dd>A scenario, a recorded trace or an image opens the same way.</dd>
      </dl>
    </section>
  );
}

/** The recorded run itself, which comes when it is asked for. */
async function textOf(file: string): Promise<string> {
  const { exampleTraces } = await import("../session/examples.ts");
  const example = exampleTraces.find((each) => each.file === file);
  if (example === undefined) throw new Error(`memhp bug: no built-in run is called ${file}`);
  return example.text();
}
