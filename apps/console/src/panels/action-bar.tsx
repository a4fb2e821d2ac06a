import { containersOf, dimmsOf } from "@memhp/devices";
import { formatNumberList } from "@memhp/abi";
import { selectBlocks } from "@memhp/scenario";
import { type ReactNode, type SubmitEvent, useMemo, useState } from "react";
import { BlockFlag } from "@memhp/engine";
import type { Selection } from "../map/selection.ts";
import { type Command, stateWords } from "../session/commands.ts";
import type { Session } from "../session/session.ts";

interface ActionBarProps {
  readonly session: Session;
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
  readonly busy: boolean;
  readonly run: (command: Command) => void;
}

/** A text that is being typed, over the blocks that were chosen when it was begun. */
interface Draft {
  readonly over: ReadonlySet<number> | undefined;
  readonly text: string;
  readonly problem: string;
}

/** Which blocks, and what to write to their `state`. */
export function ActionBar({ session, selection, select, busy, run }: ActionBarProps): ReactNode {
  const chosen = useMemo(() => formatNumberList(selection.blocks), [selection.blocks]);
  const [background, setBackground] = useState(false);
  const [draft, setDraft] = useState<Draft>({ over: undefined, text: "", problem: "" });
  // What was typed holds until something else is chosen.
  const { text, problem } = draft.over === selection.blocks ? draft : { text: chosen, problem: "" };
  const complain = (what: string): void => setDraft({ over: selection.blocks, text, problem: what });

  /** The blocks that the field names; undefined with a message where it names none. */
  function named(): number[] | undefined {
    if (text.trim() === chosen) return [...selection.blocks].sort((a, b) => a - b);
    const { machine } = session;
    const { map, board } = machine;
    const containers = containersOf(machine);
    const dimms = new Map(
      dimmsOf(machine)
        .list()
        .map((dimm) => [dimm.id, dimm]),
    );
    try {
      const blocks = selectBlocks(text, { map, dimms, containers, blockSizeBytes: board.blockSizeBytes });
      if (blocks.length === 0) complain("no such blocks");
      else select({ blocks: new Set(blocks), anchor: blocks[0], cursor: blocks[0] });
      return blocks;
    } catch (error) {
      complain((error as Error).message);
      return undefined;
    }
  }
  const act = (make: (blocks: readonly number[]) => Command): void => {
    const blocks = named();
    if (blocks !== undefined && blocks.length > 0) run(make(blocks));
    else if (blocks !== undefined && text.trim() === "") complain("choose a block first");
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    named();
  };
  const cursor = selection.cursor;
  const holdsKernelPages = cursor !== undefined && session.machine.map.blocks.hasFlag(cursor, BlockFlag.unmovable);
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
          aria-describedby="range-problem"
          onChange={(event) => setDraft({ over: selection.blocks, text: event.target.value, problem: "" })}
        />
      </label>
      <div className="words" role="group" aria-label="Write to state">
        {stateWords.map((word) => (
          <button
            key={word}
            type="button"
            aria-disabled={busy}
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
        aria-disabled={busy}
        aria-pressed={holdsKernelPages}
        onClick={() => act((blocks) => ({ do: "kernel_pages", blocks, present: !holdsKernelPages }))}
      >
        kernel pages
      </button>
      <span id="range-problem" role="alert">
        {problem}
      </span>
    </form>
  );
}
