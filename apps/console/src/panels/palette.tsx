import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import "./palette.css";

/** Something that can be done from anywhere by its name. */
interface Action {
  readonly name: string;
  readonly keys?: string;
  readonly run: () => void;
}

interface PaletteProps {
  readonly actions: readonly Action[];
  readonly close: () => void;
}

/** Keys of the page that no button shows. */
const keys: readonly (readonly [keys: string, what: string])[] = [
  ["Ctrl K", "this list"],
  ["?", "this list, with the keys"],
  ["Ctrl Z, Ctrl Shift Z", "undo, redo what was done by hand"],
  ["arrows, Home, End", "choose a block, a node, a pageblock"],
  ["Shift arrows", "choose a range of blocks"],
  ["Ctrl arrows, Space", "move without choosing; add a block or take it out"],
  ["Ctrl A, Escape", "choose all blocks, none"],
  ["+ − or Ctrl wheel", "larger and smaller squares, and on into a block or out to the machine"],
  ["Enter, Backspace", "look into a block or a node; back"],
];

/** Everything that the page can do, found by a few letters. */
export function Palette({ actions, close }: PaletteProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  useEffect(() => dialog.current?.showModal(), []);
  const found = useMemo(() => {
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    // What begins with what was written comes first.
    const place = ({ name }: Action): number => words.reduce((sum, word) => sum + name.toLowerCase().indexOf(word), 0);
    return actions
      .filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
      .sort((a, b) => place(a) - place(b));
  }, [actions, text]);
  const take = (action: Action | undefined): void => {
    if (action === undefined) return;
    close();
    action.run();
  };
  const press = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0) setAt(Math.max(0, Math.min(found.length - 1, at + by)));
    else if (event.key === "Enter") take(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} className="palette" aria-label="Do something" onClose={close}>
      <input
        role="combobox"
        aria-label="What to do"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found.length === 0 ? undefined : `palette-${at}`}
        placeholder="what to do?"
        value={text}
        autoComplete="off"
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <ul id="palette-list" role="listbox" aria-label="What can be done">
        {found.map((action, i) => (
          <li
            key={action.name}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === at}
            onClick={() => take(action)}
            // A list that opens under a pointer that rests does not follow it.
            onPointerMove={() => setAt(i)}
          >
            {action.name} {action.keys !== undefined && <kbd>{action.keys}</kbd>}
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p role="status">Nothing is called so. Kernels and operations come a moment after the page itself.</p>
      )}
      <dl className="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
