import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";
import type { BlockColumns, Segment } from "../session/block-columns.ts";
import { type BlockSum, blockSums, tileGrid } from "./node-sums.ts";
import type { Theme } from "./palette.ts";
import type { Shade } from "./shade-names.ts";
import { shadeOf, shareOf } from "./shades.ts";
import { paintTiles, TILE_PAD } from "./tile-paint.ts";
import { tileWords } from "./tile-words.ts";
import { useBox } from "./use-box.ts";
import { useZoomGestures } from "./zoom-gestures.ts";

interface TileMapProps {
  readonly session: RemoteSession;
  readonly columns: BlockColumns;
  readonly segments: readonly Segment[];
  readonly by: "node" | "device";
  readonly mask: Uint8Array | undefined;
  readonly theme: Theme;
  readonly shade: Shade;
  /** Shows the blocks of a node, or of a device. */
  readonly enter: (node: number, device: string | undefined) => void;
  readonly leave: () => void;
}

/** Fingers so far apart, or together, lead to the level below or above. */
const BEYOND = 1.5;

/** A machine too large for its blocks to be seen at once: each node or device a tile, filled by what its memory is. */
export function TileMap({ session, columns, segments, by, mask, theme, shade, enter, leave }: TileMapProps): ReactNode {
  const { element, box } = useBox();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const asksUse = by === "node" && (shade === "free" || shade === "load");
  const uses = useAnswer(
    async () => (asksUse ? new Map((await session.host.nodeUse()).map((use) => [use.node, use])) : undefined),
    [session, session.partsVersion, asksUse],
  );
  const sums = useMemo(() => blockSums(columns, segments, by, mask), [columns, segments, by, mask]);
  const grid = useMemo(
    () => tileGrid(sums.length, box.width - 2 * TILE_PAD, box.height - 2 * TILE_PAD),
    [sums.length, box],
  );
  const [wanted, setCursor] = useState(0);
  const cursor = Math.min(wanted, sums.length - 1);
  const [hover, setHover] = useState(-1);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context === null || context === undefined || box.height === 0) return undefined;
    const share = (sum: BlockSum): number | undefined => shareOf(shade, sum, uses?.get(sum.node));
    const picture = { sums, grid, theme, box, hover, cursor, share: shade === "what it is" ? undefined : share };
    const frame = requestAnimationFrame(() => paintTiles(context, picture));
    return () => cancelAnimationFrame(frame);
  });
  const indexAt = (clientX: number, clientY: number): number => {
    const { x, y } = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    const column = Math.floor((clientX - x - TILE_PAD) / grid.width);
    const row = Math.floor((clientY - y - TILE_PAD) / grid.height);
    const index = row * grid.columns + column;
    return column >= 0 && column < grid.columns && index >= 0 && index < sums.length ? index : -1;
  };
  const enterAt = (index: number): void => {
    const sum = sums[index];
    if (sum !== undefined) enter(sum.node, sum.device);
  };
  const press = (event: KeyboardEvent): void => {
    const by = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -grid.columns,
      ArrowDown: grid.columns,
      Home: -cursor,
      End: sums.length,
    }[event.key];
    if (by !== undefined) setCursor(Math.max(0, Math.min(sums.length - 1, cursor + by)));
    else if (event.key === "Enter" || event.key === "+" || event.key === "=") enterAt(cursor);
    else if (event.key === "Backspace" || event.key === "Escape" || event.key === "-") leave();
    else return;
    event.preventDefault();
  };
  const pinchedAt = useRef(-1);
  const pressed = useRef(-1);
  useZoomGestures(scroller, {
    step: (way, x, y) => (way < 0 ? enterAt(indexAt(x, y)) : leave()),
    pinchBegins: () => (pressed.current = pinchedAt.current = -1),
    pinch: (ratio, x, y) => {
      if (pinchedAt.current < 0) pinchedAt.current = indexAt(x, y);
      if (ratio > BEYOND) enterAt(pinchedAt.current);
      else if (ratio < 1 / BEYOND) leave();
    },
  });
  const shown = sums[hover < 0 ? cursor : hover];
  return (
    <div className="map-box">
      <div className="map-view">
        <div
          ref={(own) => {
            scroller.current = own;
            element(own);
          }}
          id="map"
          className="map-scroller"
          role="application"
          tabIndex={0}
          aria-label={by === "node" ? "Node map" : "Device map"}
          aria-roledescription={`map of ${by}s`}
          aria-describedby="tile-words"
          onKeyDown={press}
          onPointerMove={(event) => setHover(indexAt(event.clientX, event.clientY))}
          onPointerLeave={() => setHover(-1)}
          onPointerDown={(event) => (pressed.current = event.isPrimary ? indexAt(event.clientX, event.clientY) : -1)}
          onPointerCancel={() => (pressed.current = -1)}
          onPointerUp={(event: PointerEvent) => {
            const index = indexAt(event.clientX, event.clientY);
            if (index >= 0 && index === pressed.current) enterAt(index);
          }}
        >
          <canvas
            ref={canvas}
            aria-hidden="true"
            width={Math.round(box.width * devicePixelRatio)}
            height={Math.round(box.height * devicePixelRatio)}
            style={{ width: box.width, height: box.height }}
            data-tile={grid.width}
          />
        </div>
      </div>
      <div className="map-note">
        <span id="tile-words" role="status" aria-label={`${by} under the pointer`}>
          {shown === undefined ? "" : tileWords(shown, shade, uses?.get(shown.node), mask !== undefined)}
        </span>
        {shade !== "what it is" && <Scale theme={theme} />}
      </div>
    </div>
  );
}

/** What shades mean. */
function Scale({ theme }: { readonly theme: Theme }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    for (let x = 0; x < 64; x++) {
      if (context === null || context === undefined) return;
      context.fillStyle = shadeOf(x / 63, theme).colour;
      context.fillRect(x, 0, 1, 10);
    }
  });
  return (
    <span className="scale">
      0 % <canvas ref={canvas} width={64} height={10} aria-hidden="true" /> 100 %
    </span>
  );
}
