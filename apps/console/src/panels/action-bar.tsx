import { formatNumberList } from "@memhp/abi";
import { type ReactNode, type SubmitEvent, useMemo, useState } from "react";
import { IdSet } from "../map/id-set.ts";
import type { Selection } from "../map/selection.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { asked, type Asked } from "../session/asked.ts";
import type { BlockColumns } from "../session/block-columns.ts";
import { stateWords } from "../session/state-words.ts";

interface ActionBarProps {
  readonly session: RemoteSession;
  readonly columns: BlockColumns;
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
  readonly blocked: boolean;
  readonly run: (command: Asked) => void;
  readonly problem: string;
  readonly complain: (what: string) => void;
}

/** A text that is being typed, over the blocks that were chosen when it was begun. */
interface Draft {
  readonly over: ReadonlySet<number> | undefined;
  readonly text: string;
}

/** Which blocks, and what to write to their `state`. */
export function ActionBar(props: ActionBarProps): ReactNode {
  const { session, columns, selection, select, blocked, run, problem, complain } = props;
  const chosen = useMemo(() => selection.text ?? formatNumberList(selection.blocks), [selection]);
  const [background, setBackground] = useState(false);
  const [draft, setDraft] = useState<Draft>({ over: undefined, text: "" });
  // What was typed holds until something else is chosen.
  const text = draft.over === selection.blocks ? draft.text : chosen;

  /** Shows the blocks that the field names, or says why it names none. */
  async function show(): Promise<void> {
    if (text.trim() === "" || text.trim() === chosen) return;
    try {
      const ids = await session.host.select(text);
      if (ids.length === 0) complain(`There are no such blocks: ${text}`);
      else select({ blocks: new IdSet(ids, columns), anchor: ids[0], cursor: ids[0], text: text.trim() });
    } catch (error) {
      complain((error as Error).message);
    }
  }
  const act = (make: (blocks: string) => Asked): void => {
    if (blocked) return;
    if (text.trim() === "") {
      complain("Choose a block first, on the map or by its number.");
      return;
    }
    run(make(text.trim()));
    void show();
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    complain("");
    void show();
  };
  const { cursor } = selection;
  const holdsKernelPages = cursor !== undefined && columns.unmovable[columns.indexOf(cursor)] === 1;
  return (
    <form className="actions" aria-label="Write to blocks" onSubmit={submit}>
      <label>
        Blocks
        <input
          value={text}
          placeholder="32-39,41 or offline & node:1"
          spellCheck={false}
          autoComplete="off"
          aria-invalid={problem !== ""}
          onChange={(event) => setDraft({ over: selection.blocks, text: event.target.value })}
        />
      </label>
      <div className="words" role="group" aria-label="Write to state">
        {stateWords.map((word) => (
          <button
            key={word}
            type="button"
            aria-disabled={blocked}
            onClick={() => act((blocks) => ({ do: "write", blocks, word, background }))}
          >
            {word}
          </button>
        ))}
      </div>
      <label className="switch" title="The write goes on beside what you do next, until it ends or gets a signal">
        <input type="checkbox" checked={background} onChange={(event) => setBackground(event.target.checked)} />
        in background
      </label>
      <button
        type="button"
        className="quiet"
        aria-disabled={blocked}
        aria-pressed={holdsKernelPages}
        onClick={() => act((blocks) => asked({ op: "kernel_pages", blocks, present: !holdsKernelPages }))}
      >
        kernel pages
      </button>
    </form>
  );
}
