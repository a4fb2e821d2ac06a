import { type PointerEvent, type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import type { BlockColumns } from "../session/block-columns.ts";
import { fitLayout, hit, type Layout, rectOf } from "./layout.ts";
import { Painter } from "./paint.ts";
import { paper, type Theme } from "./palette.ts";
import { useBox } from "./use-box.ts";

interface MinimapProps {
  readonly columns: BlockColumns;
  /** Of the map that this is an overview of. */
  readonly layout: Layout;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly theme: Theme;
  readonly goTo: (block: number) => void;
}

const none: ReadonlySet<number> = new Set();

/** The whole machine in small, with a frame around what the map shows of it; a pointer goes elsewhere. The keyboard has Go to. */
export function Minimap({ columns, layout, scroller, theme, goTo }: MinimapProps): ReactNode {
  const { element, box } = useBox();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [painter] = useState(() => new Painter());
  const small = useMemo(
    () => fitLayout({ segments: columns.segments }, box.width, box.height),
    [columns.segments, box.width, box.height],
  );
  useEffect(() => {
    let frame = 0;
    const paint = (): void => {
      frame = 0;
      const context = canvas.current?.getContext("2d");
      if (context === null || context === undefined || box.width === 0) return;
      const view = { scrollTop: 0, ...box, ratio: devicePixelRatio, theme };
      const plain = { selected: none, hover: -1, cursor: -1, focused: false, layer: undefined, mask: undefined };
      painter.paint(context, { columns, layout: small, view, ...plain });
      frameSeen(context, small, layout, scroller.current, theme);
    };
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(paint);
    };
    soon();
    const heard = scroller.current;
    heard?.addEventListener("scroll", soon, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      heard?.removeEventListener("scroll", soon);
    };
  }, [columns, layout, small, box, theme, painter, scroller]);
  const go = (event: PointerEvent): void => {
    if (event.buttons !== 1) return;
    const { x, y } = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    const block = columns.ids[hit(small, event.clientX - x, event.clientY - y)];
    if (block !== undefined) goTo(block);
  };
  return (
    <div ref={element} className="minimap" aria-hidden="true" onPointerDown={go} onPointerMove={go}>
      <canvas
        ref={canvas}
        width={Math.round(box.width * devicePixelRatio)}
        height={Math.round(box.height * devicePixelRatio)}
        style={{ width: box.width, height: box.height }}
      />
    </div>
  );
}

/** A frame around the squares of the overview that the map shows. */
function frameSeen(
  context: CanvasRenderingContext2D,
  small: Layout,
  { segments, cell, per }: Layout,
  scroller: HTMLElement | null,
  theme: Theme,
): void {
  const top = scroller?.scrollTop ?? 0;
  const bottom = top + (scroller?.clientHeight ?? 0);
  let [left, up, right, down] = [Infinity, Infinity, 0, 0];
  for (const { segment, y, rows, columns } of segments) {
    const first = Math.max(0, Math.floor((top - y) / cell));
    const last = Math.min(rows - 1, Math.floor((bottom - y) / cell));
    if (last < first) continue;
    const from = segment.start + first * columns * per;
    const to = Math.min(segment.end, segment.start + (last + 1) * columns * per) - 1;
    // A row of the overview may be as wide as it is; its first and last square, and those half a row on, tell.
    for (const index of [from, Math.floor((from + to) / 2), to]) {
      const rect = rectOf(small, index);
      if (rect === undefined) continue;
      left = Math.min(left, rect.x);
      up = Math.min(up, rect.y);
      right = Math.max(right, rect.x + rect.width);
      down = Math.max(down, rect.y + rect.height);
    }
  }
  if (right === 0) return;
  context.strokeStyle = paper[theme].accent;
  context.lineWidth = 2;
  context.strokeRect(left - 1, up - 1, right - left + 1, down - up + 1);
}
