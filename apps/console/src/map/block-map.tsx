import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { BlockColumns } from "../session/block-columns.ts";
import { cellSizes, blocksIn, type Direction, fitLayout, hit, layOut, neighbour, rectOf } from "./layout.ts";
import { Legend } from "./legend.tsx";
import { Painter } from "./paint.ts";
import type { Theme } from "./palette.ts";
import { choose, chooseAll, extend, nothing, type Selection, toggle } from "./selection.ts";

interface BlockMapProps {
  readonly columns: BlockColumns;
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
  readonly setHover: (block: number | undefined) => void;
  readonly theme: Theme;
}

const arrows: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
};

/** A drag with the pointer, from a point of the map to where it is now. */
interface Drag {
  readonly x: number;
  readonly y: number;
  readonly kept: ReadonlySet<number>;
  moved: boolean;
}

/** Every memory block of the machine as a square of one canvas. */
export function BlockMap({ columns, selection, select, setHover, theme }: BlockMapProps): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [painter] = useState(() => new Painter());
  const [box, setBox] = useState({ width: 0, height: 0 });
  const [zoom, setZoom] = useState<number | undefined>();
  const [focused, setFocused] = useState(false);
  const hover = useRef(-1);
  const drag = useRef<Drag | undefined>(undefined);
  const frame = useRef(0);
  const { segments } = columns;
  const layout = useMemo(
    () => (zoom === undefined ? fitLayout({ segments }, box.width, box.height) : layOut({ segments }, box.width, zoom)),
    // Most changes leave the segments as they are; then nothing needs to be laid out again.
    [segments, box.width, box.height, zoom],
  );

  const paint = useRef(() => {});
  useLayoutEffect(() => {
    paint.current = () => {
      const context = canvas.current?.getContext("2d", { alpha: false });
      if (context === null || context === undefined || scroller.current === null) return;
      const began = performance.now();
      const cursor = selection.cursor === undefined ? -1 : columns.indexOf(selection.cursor);
      const view = { scrollTop: scroller.current.scrollTop, ...box, ratio: devicePixelRatio, theme };
      painter.paint(context, {
        columns,
        layout,
        view,
        selected: selection.blocks,
        hover: hover.current,
        cursor,
        focused,
      });
      // Told to the browser's own performance tools, and to the test that guards it.
      performance.measure("memhp:paint", { start: began, end: performance.now() });
    };
  });
  /** At most once a frame, with what is the newest then. */
  const repaint = useCallback(() => {
    if (frame.current !== 0) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      paint.current();
    });
  }, []);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setBox({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    element.addEventListener("scroll", repaint, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", repaint);
    };
  }, [repaint]);
  useEffect(() => repaint(), [repaint, columns, layout, selection, focused, theme, box]);
  useEffect(() => {
    if (selection.cursor !== undefined) reveal(columns.indexOf(selection.cursor));
  }, [selection.cursor, layout]);

  function reveal(index: number): void {
    const rect = rectOf(layout, index);
    const element = scroller.current;
    if (rect === undefined || element === null) return;
    if (rect.y < element.scrollTop) element.scrollTop = rect.y - 40;
    else if (rect.y + rect.height > element.scrollTop + element.clientHeight)
      element.scrollTop = rect.y + rect.height - element.clientHeight + 12;
  }

  function pointOf(event: PointerEvent): { x: number; y: number } {
    const bounds = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    return {
      x: event.clientX - bounds.x,
      y: event.clientY - bounds.y + (scroller.current as HTMLDivElement).scrollTop,
    };
  }

  function press(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { x, y } = pointOf(event);
    const index = hit(layout, x, y);
    const block = columns.ids[index];
    const adds = event.ctrlKey || event.metaKey;
    drag.current = { x, y, kept: adds ? selection.blocks : new Set(), moved: false };
    event.currentTarget.setPointerCapture(event.pointerId);
    if (block === undefined) {
      if (!adds) select({ ...nothing, cursor: selection.cursor });
    } else select(event.shiftKey ? extend(selection, block, columns) : adds ? toggle(selection, block) : choose(block));
  }

  function move(event: PointerEvent): void {
    const { x, y } = pointOf(event);
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
    const blocks = new Set([...from.kept, ...touched]);
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

  function pressKey(event: KeyboardEvent): void {
    const direction = arrows[event.key];
    if (direction !== undefined) {
      const at = selection.cursor === undefined ? -1 : columns.indexOf(selection.cursor);
      // Without a cursor, any arrow begins at the first block.
      const from = at < 0 && direction !== "last" ? columns.ids[0] : undefined;
      const block = from ?? columns.ids[neighbour(layout, at, direction)];
      if (block !== undefined)
        select(
          event.shiftKey
            ? extend(selection, block, columns)
            : event.ctrlKey
              ? { ...selection, cursor: block }
              : choose(block),
        );
    } else if (event.key === " " && selection.cursor !== undefined) select(toggle(selection, selection.cursor));
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) select(chooseAll(columns, selection.cursor));
    else if (event.key === "Escape") select({ ...nothing, cursor: selection.cursor });
    else if (event.key === "+" || event.key === "-") zoomBy(event.key === "+" ? -1 : 1);
    else return;
    event.preventDefault();
  }

  function zoomBy(step: number): void {
    const at = cellSizes.indexOf(layout.cell);
    setZoom(cellSizes[Math.max(0, Math.min(cellSizes.length - 1, at + step))]);
  }

  return (
    <>
      <div className="map-box">
        <div
          ref={scroller}
          id="map"
          className="map-scroller"
          role="application"
          tabIndex={0}
          aria-label="Block map"
          aria-roledescription="map of memory blocks"
          aria-describedby="map-help"
          onKeyDown={pressKey}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          onPointerDown={press}
          onPointerMove={move}
          onPointerUp={() => (drag.current = undefined)}
          onPointerLeave={leave}
        >
          <canvas
            ref={canvas}
            aria-hidden="true"
            width={Math.round(box.width * devicePixelRatio)}
            height={Math.round(box.height * devicePixelRatio)}
            style={{ width: box.width, height: box.height }}
            data-cell={layout.cell}
          />
          <div style={{ height: Math.max(0, layout.height - box.height) }} />
        </div>
        <p id="map-help" className="hidden">
          Arrow keys choose a block, with Shift a range, with Control they only move. Space adds or removes a block,
          Control A chooses all, Escape none, plus and minus change the size.
        </p>
      </div>
      <div className="map-foot">
        <Legend theme={theme} />
        <div className="zoom" role="group" aria-label="Size of the map">
          <button type="button" aria-label="Smaller squares" onClick={() => zoomBy(1)}>
            −
          </button>
          <button
            type="button"
            aria-label="Fit the map"
            aria-pressed={zoom === undefined}
            onClick={() => setZoom(undefined)}
          >
            fit
          </button>
          <button type="button" aria-label="Larger squares" onClick={() => zoomBy(-1)}>
            +
          </button>
        </div>
      </div>
    </>
  );
}
