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
import { Part } from "../page/part.tsx";
import type { BlockColumns, Segment } from "../session/block-columns.ts";
import type { Layer } from "./layers.ts";
import { IdSet } from "./id-set.ts";
import {
  blocksIn,
  type Direction,
  fitLayout,
  hit,
  type Layout,
  layOut,
  nearestSize,
  neighbour,
  rectOf,
  type Size,
  sizes,
  squareEnd,
  zoomStep,
} from "./layout.ts";
import { Painter } from "./paint.ts";
import type { Theme } from "./palette.ts";
import { choose, chooseAll, extend, nothing, type Selection, toggle } from "./selection.ts";
import { useZoomGestures } from "./zoom-gestures.ts";

interface BlockMapProps {
  readonly columns: BlockColumns;
  /** Those of the columns' segments that are shown. */
  readonly segments: readonly Segment[];
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
  readonly setHover: (block: number | undefined) => void;
  readonly theme: Theme;
  readonly layer: Layer | undefined;
  readonly mask: Uint8Array | undefined;
  /** Size of the squares that the person chose; undefined for the largest that fit. */
  readonly zoom: Size | undefined;
  readonly setZoom: (zoom: Size | undefined) => void;
  /** Told how the map is laid out. */
  readonly laidOut: RefObject<Layout | undefined>;
  /** Looks into a block, and back at more of the machine. */
  readonly enter: (block: number) => void;
  readonly leave: () => void;
  /** Shows a block that may not be among the segments. */
  readonly goTo: (block: number) => void;
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

/** A square that stays where it is seen while all become larger or smaller. */
interface Anchor {
  readonly index: number;
  readonly y: number;
}

const minimap = async () => (await import("./minimap.tsx")).Minimap;
/** Fingers so far apart, or together, lead to the level below or above. */
const BEYOND = 1.7;

/** Every memory block of the machine as a square of one canvas; of very many, several as one square. */
export function BlockMap(props: BlockMapProps): ReactNode {
  const { columns, segments, selection, select, setHover, theme, layer, mask, zoom, setZoom, laidOut, enter } = props;
  const { leave: goUp, goTo } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [painter] = useState(() => new Painter());
  const [box, setBox] = useState({ width: 0, height: 0 });
  const [focused, setFocused] = useState(false);
  const hover = useRef(-1);
  const drag = useRef<Drag | undefined>(undefined);
  const anchor = useRef<Anchor | undefined>(undefined);
  const frame = useRef(0);
  // Most changes leave the segments as they are; then nothing needs to be laid out again.
  const fit = useMemo(() => fitLayout({ segments }, box.width, box.height), [segments, box.width, box.height]);
  const layout = useMemo(
    () => (zoom === undefined ? fit : layOut({ segments }, box.width, box.height, zoom)),
    [segments, box.width, box.height, zoom, fit],
  );
  laidOut.current = layout;

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
        mask,
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
  // A canvas of another size is black until it is painted.
  useLayoutEffect(() => paint.current(), [box]);
  useEffect(() => repaint(), [repaint, columns, layout, selection, focused, theme, box, layer, mask]);
  useLayoutEffect(() => {
    const kept = anchor.current;
    const rect = kept === undefined ? undefined : rectOf(layout, kept.index);
    anchor.current = undefined;
    if (kept === undefined || rect === undefined || scroller.current === null) return;
    scroller.current.scrollTop = rect.y + rect.height / 2 - kept.y;
  }, [layout]);
  useEffect(() => {
    if (selection.cursor !== undefined) reveal(columns.indexOf(selection.cursor));
  }, [selection.cursor, segments]);

  function reveal(index: number): void {
    const rect = rectOf(layout, index);
    const element = scroller.current;
    if (rect === undefined || element === null) return;
    if (rect.y < element.scrollTop) element.scrollTop = rect.y - 40;
    else if (rect.y + rect.height > element.scrollTop + element.clientHeight)
      element.scrollTop = rect.y + rect.height - element.clientHeight + 12;
  }

  /** Scrolls to a block, or leads to where it is shown. */
  function show(block: number): void {
    const rect = rectOf(layout, columns.indexOf(block));
    const element = scroller.current;
    if (rect === undefined || element === null) goTo(block);
    else element.scrollTop = rect.y - element.clientHeight / 2;
  }

  function at(clientX: number, clientY: number): { x: number; y: number } {
    const bounds = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    return { x: clientX - bounds.x, y: clientY - bounds.y + (scroller.current as HTMLDivElement).scrollTop };
  }

  /** All blocks of the square at an index. */
  function chosenAt(index: number): Selection {
    const block = columns.ids[index] as number;
    const end = squareEnd(layout, index);
    if (end - index <= 1) return choose(block);
    return { blocks: new IdSet(columns.ids.subarray(index, end), columns), anchor: block, cursor: block };
  }
  /** The farther end of a square, seen from where a range begins. */
  function reachOf(index: number): number {
    const from = selection.anchor === undefined ? index : columns.indexOf(selection.anchor);
    return columns.ids[index < from ? index : squareEnd(layout, index) - 1] as number;
  }

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
    } else if (event.shiftKey) select(extend(selection, reachOf(index), columns));
    else if (adds) select(toggle(selection, [...chosenAt(index).blocks]));
    else select(chosenAt(index));
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

  const drop = (): void => void (drag.current = undefined);
  function leave(): void {
    hover.current = -1;
    setHover(undefined);
    repaint();
  }

  function pressKey(event: KeyboardEvent): void {
    const element = scroller.current as HTMLDivElement;
    const direction = arrows[event.key];
    if (direction !== undefined && event.altKey) pan(element, direction);
    else if (direction !== undefined) walk(event, direction);
    else if (event.key === "PageDown" || event.key === "PageUp")
      element.scrollTop += (event.key === "PageDown" ? 0.9 : -0.9) * element.clientHeight;
    else if (event.key === " " && selection.cursor !== undefined)
      select(toggle(selection, [...chosenAt(columns.indexOf(selection.cursor)).blocks]));
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) select(chooseAll(columns, selection.cursor));
    else if (event.key === "Enter" && selection.cursor !== undefined) enter(selection.cursor);
    else if (event.key === "Backspace") goUp();
    else if (event.key === "Escape") select({ ...nothing, cursor: selection.cursor });
    else if (event.key === "+" || event.key === "=" || event.key === "-") zoomBy(event.key === "-" ? 1 : -1);
    else if (event.key === "0") setZoom(undefined);
    else return;
    event.preventDefault();
  }

  function walk(event: KeyboardEvent, direction: Direction): void {
    const from = selection.cursor === undefined ? -1 : columns.indexOf(selection.cursor);
    // Without a cursor among what is shown, any arrow begins at the first block.
    const isShown = rectOf(layout, from) !== undefined;
    const index = !isShown && direction !== "last" ? (segments[0]?.start ?? 0) : neighbour(layout, from, direction);
    const block = columns.ids[index];
    if (block === undefined) return;
    if (event.shiftKey) select({ ...extend(selection, reachOf(index), columns), cursor: block });
    else select(event.ctrlKey ? { ...selection, cursor: block } : chosenAt(index));
  }

  /** Beyond the largest squares lies the inside of a block, beyond the smallest the whole machine. */
  function zoomBy(step: number, index = selection.cursor === undefined ? -1 : columns.indexOf(selection.cursor)): void {
    const to = zoomStep(layout, step);
    if (to === "out") goUp();
    else if (to !== "in") zoomTo(to, index);
    else if (columns.ids[index] !== undefined) enter(columns.ids[index]);
  }
  /** @param index a square that stays where it is. */
  function zoomTo(size: Size, index: number): void {
    const rect = rectOf(layout, index);
    if (rect !== undefined)
      anchor.current = { index, y: rect.y + rect.height / 2 - (scroller.current?.scrollTop ?? 0) };
    setZoom(sizes.indexOf(size) >= sizes.indexOf(fit.size) ? undefined : size);
  }

  const pinched = useRef({ wide: 1, index: -1 });
  useZoomGestures(scroller, {
    step: (by, clientX, clientY) => {
      const { x, y } = at(clientX, clientY);
      zoomBy(by, hit(layout, x, y));
    },
    pinchBegins: () => {
      drop();
      pinched.current = { wide: layout.cell / Math.sqrt(layout.per), index: -1 };
    },
    pinch: (ratio, clientX, clientY) => {
      const { wide } = pinched.current;
      const { x, y } = at(clientX, clientY);
      const index = hit(layout, x, y);
      if (index >= 0) pinched.current = { wide, index };
      const largest = (sizes[0] as Size).cell;
      const least = fit.cell / Math.sqrt(fit.per);
      const block = columns.ids[pinched.current.index];
      if (wide * ratio > largest * BEYOND && layout.cell === largest && block !== undefined) enter(block);
      else if (wide * ratio < least / BEYOND && layout === fit) goUp();
      else {
        const size = nearestSize(Math.max(least, wide * ratio));
        if (size !== layout.size) zoomTo(size, pinched.current.index);
      }
    },
  });

  const isPart = !layout.fits || segments !== columns.segments;
  return (
    <div className="map-box">
      <div className="map-view">
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
          onPointerUp={drop}
          onPointerCancel={drop}
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
            data-per={layout.per}
            data-fits={layout.fits}
          />
          <div style={{ height: Math.max(0, layout.height - box.height) }} />
        </div>
      </div>
      {isPart && <Part load={minimap} name="the overview" props={{ columns, layout, scroller, theme, goTo: show }} />}
      {layout.per > 1 && (
        <p className="map-note" role="status">
          <span>{`Each square is ${layout.per} blocks, painted as most of them are.`}</span>
        </p>
      )}
      <p id="map-help" className="hidden">
        Arrow keys choose a block, with Shift a range, with Control they only move, with Alt they scroll, as Page Up and
        Page Down do. Space adds or removes a block, Control A chooses all, Escape none. Plus and minus change the size,
        zero fits the map. Enter looks into the block, Backspace goes back to more of the machine.
      </p>
    </div>
  );
}

/** Scrolls without choosing anything. */
function pan(element: HTMLElement, direction: Direction): void {
  const far = element.clientHeight / 8;
  if (direction === "first") element.scrollTop = 0;
  else if (direction === "last") element.scrollTop = element.scrollHeight;
  else if (direction === "up" || direction === "down") element.scrollTop += direction === "up" ? -far : far;
}
