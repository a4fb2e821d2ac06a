import {
  type KeyboardEvent,
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
import { fitLayout, hit, type Layout, layOut, nearestSize, rectOf, type Size, sizes, zoomStep } from "./layout.ts";
import { pressMapKey } from "./map-keys.ts";
import { useMapPointer } from "./map-pointer.ts";
import { Painter, type Picture } from "./paint.ts";
import type { Theme } from "./palette.ts";
import type { Selection } from "./selection.ts";
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
  readonly shades: Picture["shades"];
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

/** A square that stays where it is seen while all become larger or smaller. */
interface Anchor {
  readonly index: number;
  readonly y: number;
}

const minimap = async () => (await import("./minimap.tsx")).Minimap;
/** Fingers so far apart, or together, lead to the level below or above. */
const BEYOND = 1.7;
/** Measures of pictures that are kept. */
const MEASURES = 1024;

/** Every memory block of the machine as a square of one canvas; of very many, several as one square. */
export function BlockMap(props: BlockMapProps): ReactNode {
  const { columns, segments, selection, select, setHover, theme, layer, mask, shades, zoom, setZoom } = props;
  const { laidOut, enter, leave: goUp, goTo } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [painter] = useState(() => new Painter());
  const [box, setBox] = useState({ width: 0, height: 0 });
  const [focused, setFocused] = useState(false);
  const anchor = useRef<Anchor | undefined>(undefined);
  const frame = useRef(0);
  // Most changes leave the segments as they are; then nothing needs to be laid out again.
  const fit = useMemo(() => fitLayout({ segments }, box.width, box.height), [segments, box.width, box.height]);
  const layout = useMemo(
    () => (zoom === undefined ? fit : layOut({ segments }, box.width, box.height, zoom)),
    [segments, box.width, box.height, zoom, fit],
  );
  laidOut.current = layout;

  const painted = useRef(0);
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
        hover: pointer.hover.current,
        cursor,
        focused,
        layer,
        mask,
        shades,
      });
      // Told to the browser's own performance tools, and to the test that guards it.
      // The browser keeps all of them for as long as the page lives, so from time to time they go.
      if (++painted.current % MEASURES === 0) performance.clearMeasures("memhp:paint");
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
  useEffect(() => repaint(), [repaint, columns, layout, selection, focused, theme, box, layer, mask, shades]);
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

  const pointer = useMapPointer({ columns, layout, selection, select, setHover, repaint, at });
  const pressKey = (event: KeyboardEvent): void =>
    pressMapKey(event, {
      columns,
      segments,
      layout,
      selection,
      select,
      scroller: scroller.current as HTMLDivElement,
      enter,
      leave: goUp,
      zoomBy,
      fit: () => setZoom(undefined),
    });

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
      pointer.drop();
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
          onPointerDown={pointer.press}
          onPointerMove={pointer.move}
          onPointerUp={pointer.drop}
          onPointerCancel={pointer.drop}
          onDoubleClick={() => pointer.hover.current >= 0 && enter(columns.ids[pointer.hover.current] as number)}
          onPointerLeave={pointer.leave}
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
