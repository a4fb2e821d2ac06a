import { type PointerEvent, type RefObject, useRef } from "react";
import type { BlockColumns } from "../session/block-columns.ts";
import { IdSet } from "./id-set.ts";
import { blocksIn, hit, type Layout } from "./layout.ts";
import { extend, nothing, type Selection, toggle } from "./selection.ts";
import { chosenAt, reachOf } from "./square-selection.ts";

/** A drag with the pointer, from a point of the map to where it is now. */
interface Drag {
  readonly x: number;
  readonly y: number;
  readonly kept: ReadonlySet<number>;
  moved: boolean;
}

interface Pointed {
  readonly columns: BlockColumns;
  readonly layout: Layout;
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
  readonly setHover: (block: number | undefined) => void;
  readonly repaint: () => void;
  /** A point of the window, on the map. */
  readonly at: (clientX: number, clientY: number) => { readonly x: number; readonly y: number };
}

interface Pointer {
  /** Index of the block under the pointer, or -1. */
  readonly hover: RefObject<number>;
  readonly press: (event: PointerEvent) => void;
  readonly move: (event: PointerEvent) => void;
  /** Ends a drag where it is. */
  readonly drop: () => void;
  readonly leave: () => void;
}

/** Chooses blocks with a pointer: one, more with Control, a range with Shift, those in a rectangle that is dragged. */
export function useMapPointer({ columns, layout, selection, select, setHover, repaint, at }: Pointed): Pointer {
  const hover = useRef(-1);
  const drag = useRef<Drag | undefined>(undefined);

  function press(event: PointerEvent): void {
    if (event.button !== 0 || !event.isPrimary) return;
    const { x, y } = at(event.clientX, event.clientY);
    const index = hit(layout, x, y);
    const block = columns.ids[index];
    const adds = event.ctrlKey || event.metaKey;
    drag.current = { x, y, kept: adds ? selection.blocks : new Set(), moved: false };
    event.currentTarget.setPointerCapture(event.pointerId);
    if (block === undefined) {
      if (!adds) select({ ...nothing, cursor: selection.cursor });
    } else if (event.shiftKey) select(extend(selection, reachOf(index, selection, layout, columns), columns));
    else if (adds) select(toggle(selection, [...chosenAt(index, layout, columns).blocks]));
    else select(chosenAt(index, layout, columns));
  }

  function move(event: PointerEvent): void {
    if (!event.isPrimary) return;
    const { x, y } = at(event.clientX, event.clientY);
    const index = hit(layout, x, y);
    if (index !== hover.current) {
      hover.current = index;
      setHover(columns.ids[index]);
      repaint();
    }
    const from = drag.current;
    if (from === undefined || event.shiftKey || (!from.moved && Math.abs(x - from.x) + Math.abs(y - from.y) < 5))
      return;
    from.moved = true;
    const rect = {
      x: Math.min(x, from.x),
      y: Math.min(y, from.y),
      width: Math.abs(x - from.x),
      height: Math.abs(y - from.y),
    };
    const touched = blocksIn(layout, rect).map((i) => columns.ids[i] as number);
    const blocks = new IdSet(from.kept.size === 0 ? touched : [...from.kept, ...touched], columns);
    select({
      blocks,
      anchor: touched[0] ?? selection.anchor,
      cursor: columns.ids[index] ?? touched.at(-1) ?? selection.cursor,
    });
  }

  function leave(): void {
    hover.current = -1;
    setHover(undefined);
    repaint();
  }
  return { hover, press, move, drop: () => void (drag.current = undefined), leave };
}
