import { BlockState } from "@memhp/engine";
import { ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { BlockColumns } from "../session/block-columns.ts";
import { nodeSums, type NodeSum, type TileGrid, tileGrid } from "./node-sums.ts";
import { lookOf, paper, type Theme } from "./palette.ts";
import { useBox } from "./use-box.ts";

interface TileMapProps {
  readonly columns: BlockColumns;
  readonly theme: Theme;
  /** Shows the blocks of a node. */
  readonly enter: (node: number) => void;
}

const PAD = 6;

/** A machine too large for its blocks to be seen at once: each node a tile, filled by what its memory is. */
export function TileMap({ columns, theme, enter }: TileMapProps): ReactNode {
  const { element, box } = useBox();
  const canvas = useRef<HTMLCanvasElement>(null);
  const sums = useMemo(() => nodeSums(columns), [columns]);
  const grid = useMemo(() => tileGrid(sums.length, box.width - 2 * PAD, box.height - 2 * PAD), [sums.length, box]);
  const [cursor, setCursor] = useState(0);
  const [hover, setHover] = useState(-1);
  useEffect(() => {
    const context = canvas.current?.getContext("2d", { alpha: false });
    if (context === null || context === undefined || box.height === 0) return undefined;
    const frame = requestAnimationFrame(() => paint(context, { sums, grid, theme, box, hover, cursor }));
    return () => cancelAnimationFrame(frame);
  });
  const at = (event: PointerEvent): number => {
    const { x, y } = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    const column = Math.floor((event.clientX - x - PAD) / grid.width);
    const row = Math.floor((event.clientY - y - PAD) / grid.height);
    const index = row * grid.columns + column;
    return column >= 0 && column < grid.columns && index < sums.length ? index : -1;
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
    else if (event.key === "Enter" || event.key === "+") enter(sums[cursor]?.node ?? 0);
    else return;
    event.preventDefault();
  };
  const shown = sums[hover < 0 ? cursor : hover];
  return (
    <div className="map-box">
      <div
        ref={element}
        id="map"
        className="map-scroller"
        role="application"
        tabIndex={0}
        aria-label="Node map"
        aria-roledescription="map of nodes"
        aria-describedby="tile-words"
        onKeyDown={press}
        onPointerMove={(event) => setHover(at(event))}
        onPointerLeave={() => setHover(-1)}
        onPointerUp={(event) => {
          const index = at(event);
          if (index >= 0) enter(sums[index]?.node ?? 0);
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
      <p id="tile-words" className="tile-words" role="status" aria-label="Node under the pointer">
        {shown === undefined ? "" : words(shown)}
      </p>
    </div>
  );
}

function words({ node, total, kernel, movable, offline, onItsWay }: NodeSum): string {
  const parts = [
    [kernel, "for the kernel"],
    [movable, "movable"],
    [onItsWay, "on their way"],
    [offline, "offline"],
  ] as const;
  const list = parts.filter(([count]) => count > 0).map(([count, name]) => `${count.toLocaleString("en")} ${name}`);
  return `node ${node}: ${total.toLocaleString("en")} blocks, ${list.join(", ")}. Enter shows them.`;
}

interface Picture {
  readonly sums: readonly NodeSum[];
  readonly grid: TileGrid;
  readonly theme: Theme;
  readonly box: { readonly width: number; readonly height: number };
  readonly hover: number;
  readonly cursor: number;
}

/** Each tile is filled from the left: kernel, movable, on its way; what is left is offline, and hatched. */
function paint(context: CanvasRenderingContext2D, { sums, grid, theme, box, hover, cursor }: Picture): void {
  const { sheet, ink, accent } = paper[theme];
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.fillStyle = sheet;
  context.fillRect(0, 0, box.width, box.height);
  const gap = grid.width >= 12 ? 2 : 1;
  const [kernel, movable, away] = [
    lookOf(ZONE_NORMAL).colour[theme],
    lookOf(ZONE_MOVABLE).colour[theme],
    lookOf(BlockState.absent).colour[theme],
  ];
  const hatch = hatching(context, theme);
  for (const [i, sum] of sums.entries()) {
    const x = PAD + (i % grid.columns) * grid.width;
    const y = PAD + Math.floor(i / grid.columns) * grid.height;
    const [width, height] = [grid.width - gap, grid.height - gap];
    context.fillStyle = hatch;
    context.fillRect(x, y, width, height);
    let from = x;
    for (const [count, colour] of [
      [sum.kernel, kernel],
      [sum.movable, movable],
      [sum.onItsWay, away],
    ] as const) {
      const part = (width * count) / sum.total;
      context.fillStyle = colour;
      context.fillRect(from, y, part, height);
      from += part;
    }
    if (grid.width >= 26) {
      context.fillStyle = sheet;
      context.fillRect(x, y, Math.min(width, 7 * String(sum.node).length + 6), 13);
      context.fillStyle = ink;
      context.font = "600 10px ui-monospace, monospace";
      context.fillText(String(sum.node), x + 3, y + 10);
    }
    if (i !== hover && i !== cursor) continue;
    context.strokeStyle = i === cursor ? accent : ink;
    context.lineWidth = 2;
    context.strokeRect(x - 1, y - 1, width + 2, height + 2);
  }
}

function hatching(context: CanvasRenderingContext2D, theme: Theme): CanvasPattern | string {
  const tile = new OffscreenCanvas(4, 4);
  const own = tile.getContext("2d");
  if (own === null) return paper[theme].line;
  own.fillStyle = paper[theme].sheet;
  own.fillRect(0, 0, 4, 4);
  own.strokeStyle = paper[theme].quiet;
  own.beginPath();
  own.moveTo(0, 4);
  own.lineTo(4, 0);
  own.stroke();
  return context.createPattern(tile, "repeat") ?? paper[theme].line;
}
