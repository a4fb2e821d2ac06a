import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { BlockColumns, Segment } from "../session/block-columns.ts";
import type { Layer } from "./layers.ts";
import { IdSet } from "./id-set.ts";
import { blocksIn, type Direction, fitLayout, hit, layOut, neighbour, rectOf, zoomStep } from "./layout.ts";
import { Painter } from "./paint.ts";
import type { Theme } from "./palette.ts";
import { choose, chooseAll, extend, nothing, type Selection, toggle } from "./selection.ts";

interface BlockMapProps {
  readonly columns: BlockColumns;
  /** Those of the columns' segments that are shown. */
  readonly segments: readonly Segment[];
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
  readonly setHover: (block: number | undefined) => void;
  readonly theme: Theme;
  readonly layer: Layer | undefined;
  /** Size of the squares that the person chose; undefined for the largest that fit. */
  readonly zoom: number | undefined;
  readonly setZoom: (zoom: number | undefined) => void;
  /** Told the size that the squares have. */
  readonly cell: RefObject<number>;
  /** Looks into a block, and back at more of the machine. */
  readonly enter: (block: number) => void;
  readonly leave: () => void;
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
export function BlockMap(props: BlockMapProps): ReactNode {
  const {
    columns,
    segments,
    selection,
    select,
    setHover,
    theme,
    layer,
    zoom,
    setZoom,
    cell,
    enter,
    leave: goUp,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [painter] = useState(() => new Painter());
  const [box, setBox] = useState({ width: 0, height: 0 });
  const [focused, setFocused] = useState(false);
  const hover = useRef(-1);
  const drag = useRef<Drag | undefined>(undefined);
  const frame = useRef(0);
  const layout = useMemo(
    () => (zoom === undefined ? fitLayout({ segments }, box.width, box.height) : layOut({ segments }, box.width, zoom)),
    // Most changes leave the segments as they are; then nothing needs to be laid out again.
    [segments, box.width, box.height, zoom],
  );

  cell.current = layout.cell;

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
        layer,
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
  useEffect(() => repaint(), [repaint, columns, layout, selection, focused, theme, box, layer]);
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
    else if (event.key === "Enter" && selection.cursor !== undefined) enter(selection.cursor);
    else if (event.key === "Backspace") goUp();
    else if (event.key === "Escape") select({ ...nothing, cursor: selection.cursor });
    else if (event.key === "+" || event.key === "-") zoomBy(event.key === "+" ? -1 : 1);
    else return;
    event.preventDefault();
  }

  /** Beyond the largest squares lies the inside of a block, beyond the smallest the whole machine. */
  function zoomBy(step: number, block: number | undefined = selection.cursor): void {
    const to = zoomStep(layout.cell, step);
    if (to === "in" && block !== undefined) enter(block);
    else if (to === "out") goUp();
    else if (to !== "in") setZoom(to);
  }

  const turned = useRef(0);
  /** Control and the wheel, or two fingers on a touchpad; the wheel alone scrolls. */
  function turn(event: WheelEvent): void {
    if (!event.ctrlKey) return;
    event.preventDefault();
    turned.current += event.deltaY;
    if (Math.abs(turned.current) < 40) return;
    zoomBy(turned.current > 0 ? 1 : -1, columns.ids[hover.current]);
    turned.current = 0;
  }
  const newestTurn = useRef(turn);
  newestTurn.current = turn;
  useEffect(() => {
    const element = scroller.current;
    const heard = (event: WheelEvent): void => newestTurn.current(event);
    // React's own listeners are passive, and could not keep the page from zooming.
    element?.addEventListener("wheel", heard, { passive: false });
    return () => element?.removeEventListener("wheel", heard);
  }, []);

  return (
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
        onDoubleClick={() => hover.current >= 0 && enter(columns.ids[hover.current] as number)}
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
        Control A chooses all, Escape none, plus and minus change the size. Enter looks into the block, Backspace goes
        back to more of the machine.
      </p>
    </div>
  );
}
