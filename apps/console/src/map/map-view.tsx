import { type ReactNode, type SubmitEvent, useMemo, useRef, useState } from "react";
import { Part } from "../page/part.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import type { BlockColumns } from "../session/block-columns.ts";
import { BlockMap } from "./block-map.tsx";
import { Legend } from "./legend.tsx";
import type { Layer } from "./layers.ts";
import { zoomStep } from "./layout.ts";
import { firstLevel, type Level, findPlace, pathTo } from "./places.ts";
import type { Theme } from "./palette.ts";
import { choose, type Selection } from "./selection.ts";

interface MapViewProps {
  readonly session: RemoteSession;
  readonly columns: BlockColumns;
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
  readonly setHover: (block: number | undefined) => void;
  readonly theme: Theme;
  readonly layer: Layer | undefined;
  readonly complain: (what: string) => void;
}

// Most machines are seen as blocks, and the pages of one are looked at by few.
const tileMap = async () => (await import("./tile-map.tsx")).TileMap;
const pageMap = async () => (await import("./page-map.tsx")).PageMap;

/** Blocks that may be scrolled through as squares. */
const MOST_AT_ONCE = 200_000;

/** The machine from afar to a single page: nodes, blocks, pages; with the way back, and a field to jump. */
export function MapView(props: MapViewProps): ReactNode {
  const { session, columns, selection, select, setHover, theme, layer, complain } = props;
  const [wanted, setLevel] = useState<Level>(() => firstLevel(columns));
  const [zoom, setZoom] = useState<number | undefined>();
  const cell = useRef(0);
  // Another shape of machine may need another first level; where the person is stays where it can.
  const level = useMemo(() => (isThere(wanted, columns) ? wanted : firstLevel(columns)), [wanted, columns.ids]);
  const shown = useMemo(
    () =>
      level.at !== "blocks" || level.node === undefined
        ? columns.segments
        : columns.segments.filter(({ node }) => node === level.node),
    [columns.segments, level],
  );
  const zoomBy = (step: number): void => {
    const to = zoomStep(cell.current, step);
    if (typeof to === "number") setZoom(to);
    else if (to === "out") setLevel(pathTo(level, columns)[0]?.[1] ?? level);
    else if (selection.cursor !== undefined) setLevel({ at: "pages", block: selection.cursor });
  };
  const jump = (text: string): void => {
    const place = findPlace(text, columns, session.view.blockBytes);
    if (typeof place === "string") complain(place);
    else if ("node" in place) setLevel({ at: "blocks", node: place.node });
    else {
      const node = firstLevel(columns).at === "nodes" ? nodeOf(columns, place.block) : undefined;
      setLevel({ at: "blocks", node });
      select(choose(place.block));
    }
  };
  return (
    <>
      <div className="map-head">
        <nav aria-label="Levels of the map">
          <ol>
            {pathTo(level, columns).map(([name, to], i, path) => (
              <li key={name}>
                <button
                  type="button"
                  aria-current={i === path.length - 1 ? "location" : undefined}
                  onClick={() => setLevel(to)}
                >
                  {name}
                </button>
              </li>
            ))}
          </ol>
        </nav>
        {level.at === "nodes" && columns.ids.length <= MOST_AT_ONCE && (
          <button type="button" onClick={() => setLevel({ at: "blocks", node: undefined })}>
            All blocks
          </button>
        )}
        <Jump jump={jump} />
      </div>
      {level.at === "nodes" && (
        <Part
          load={tileMap}
          name="the map of nodes"
          props={{ columns, theme, enter: (node: number) => setLevel({ at: "blocks", node }) }}
        />
      )}
      {level.at === "blocks" && (
        <BlockMap
          {...{ columns, selection, select, setHover, theme, layer, zoom, setZoom, cell }}
          segments={shown}
          enter={(block) => setLevel({ at: "pages", block })}
          leave={() => setLevel(pathTo(level, columns)[0]?.[1] ?? level)}
        />
      )}
      {level.at === "pages" && (
        <Part
          key={level.block}
          load={pageMap}
          name="the pages of a block"
          props={{ session, block: level.block, theme, leave: () => setLevel(pathTo(level, columns)[1]?.[1] ?? level) }}
        />
      )}
      <div className="map-foot">
        {level.at === "pages" ? <span /> : <Legend theme={theme} />}
        {level.at === "blocks" && (
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
        )}
      </div>
    </>
  );
}

function nodeOf(columns: BlockColumns, block: number): number | undefined {
  const index = columns.indexOf(block);
  return columns.segments.find(({ start, end }) => index >= start && index < end)?.node;
}

function isThere(level: Level, columns: BlockColumns): boolean {
  if (level.at === "pages") return columns.indexOf(level.block) >= 0;
  if (level.at === "nodes") return firstLevel(columns).at === "nodes";
  if (level.node === undefined) return true;
  return columns.segments.some(({ node }) => node === level.node);
}

function Jump({ jump }: { readonly jump: (text: string) => void }): ReactNode {
  const [text, setText] = useState("");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (text.trim() !== "") jump(text);
  };
  return (
    <form className="jump" onSubmit={submit} role="search" aria-label="Places">
      <input
        aria-label="Go to"
        placeholder="go to node:1, memory40, 0x…"
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}
