import type { KeyboardEvent } from "react";
import type { BlockColumns, Segment } from "../session/block-columns.ts";
import { type Direction, type Layout, neighbour, rectOf } from "./layout.ts";
import { chooseAll, extend, nothing, type Selection, toggle } from "./selection.ts";
import { chosenAt, reachOf } from "./square-selection.ts";

const arrows: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
};

interface Keyed {
  readonly columns: BlockColumns;
  readonly segments: readonly Segment[];
  readonly layout: Layout;
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
  /** What scrolls. */
  readonly scroller: HTMLElement;
  /** Looks into a block, and back at more of the machine. */
  readonly enter: (block: number) => void;
  readonly leave: () => void;
  /** Smaller squares for 1, larger for -1. */
  readonly zoomBy: (step: number) => void;
  readonly fit: () => void;
}

/** What a key does on the map of blocks. */
export function pressMapKey(event: KeyboardEvent, map: Keyed): void {
  const { columns, layout, selection, select, scroller, enter, leave, zoomBy, fit } = map;
  const direction = arrows[event.key];
  if (direction !== undefined && event.altKey) pan(scroller, direction);
  else if (direction !== undefined) walk(event, direction, map);
  else if (event.key === "PageDown" || event.key === "PageUp")
    scroller.scrollTop += (event.key === "PageDown" ? 0.9 : -0.9) * scroller.clientHeight;
  else if (event.key === " " && selection.cursor !== undefined)
    select(toggle(selection, [...chosenAt(columns.indexOf(selection.cursor), layout, columns).blocks]));
  else if (event.key === "a" && (event.ctrlKey || event.metaKey)) select(chooseAll(columns, selection.cursor));
  else if (event.key === "Enter" && selection.cursor !== undefined) enter(selection.cursor);
  else if (event.key === "Backspace") leave();
  else if (event.key === "Escape") select({ ...nothing, cursor: selection.cursor });
  else if (event.key === "+" || event.key === "=" || event.key === "-") zoomBy(event.key === "-" ? 1 : -1);
  else if (event.key === "0") fit();
  else return;
  event.preventDefault();
}

function walk(
  event: KeyboardEvent,
  direction: Direction,
  { columns, segments, layout, selection, select }: Keyed,
): void {
  const from = selection.cursor === undefined ? -1 : columns.indexOf(selection.cursor);
  // Without a cursor among what is shown, any arrow begins at the first block.
  const isShown = rectOf(layout, from) !== undefined;
  const index = !isShown && direction !== "last" ? (segments[0]?.start ?? 0) : neighbour(layout, from, direction);
  const block = columns.ids[index];
  if (block === undefined) return;
  if (event.shiftKey)
    select({ ...extend(selection, reachOf(index, selection, layout, columns), columns), cursor: block });
  else select(event.ctrlKey ? { ...selection, cursor: block } : chosenAt(index, layout, columns));
}

/** Scrolls without choosing anything. */
function pan(element: HTMLElement, direction: Direction): void {
  const far = element.clientHeight / 8;
  if (direction === "first") element.scrollTop = 0;
  else if (direction === "last") element.scrollTop = element.scrollHeight;
  else if (direction === "up" || direction === "down") element.scrollTop += direction === "up" ? -far : far;
}
