import { type ComponentProps, type ReactNode, type SubmitEvent, useEffect, useMemo, useRef, useState } from "react";
import { Part } from "../page/part.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import type { BlockColumns } from "../session/block-columns.ts";
import { useAnswer } from "../remote/use-session.ts";
import { type BlockFilter, maskOf, noFilter } from "./block-filter.ts";
import { BlockMap } from "./block-map.tsx";
import { Legend } from "./legend.tsx";
import type { FilterBar } from "./filter-bar.tsx";
import type { Layer } from "./layers.ts";
import { type Layout, type Size, zoomStep } from "./layout.ts";
import { segmentAt } from "./block-words.ts";
import { above, findPlace, firstLevel, isThere, type Level, levelOfNode, pathTo, segmentsOf } from "./places.ts";
import type { Theme } from "./palette.ts";
import { type Shade, shades } from "./shade-names.ts";
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
  /** Forecasts and plans, where they can be laid over the map. */
  readonly layers?: ComponentProps<typeof FilterBar>["layers"];
  /** A block whose pages somebody asked to see. */
  readonly looked?: { readonly block: number } | undefined;
}

// Most machines are seen as blocks, and the pages of one are looked at by few.
const tileMap = async () => (await import("./tile-map.tsx")).TileMap;
const filterBar = async () => (await import("./filter-bar.tsx")).FilterBar;
const blockTable = async () => (await import("./block-table.tsx")).BlockTable;
const squareShades = () => import("./square-shades.ts");
const pageMap = async () => (await import("./page-map.tsx")).PageMap;

/** Where else one may look from, the widest first. */
const views = [
  ["nodes", { at: "nodes" }],
  ["devices", { at: "devices", node: undefined }],
  ["blocks", { at: "blocks", node: undefined }],
] as const satisfies readonly (readonly [string, Level])[];

/** The machine from afar to a single page: nodes, devices, blocks, pages; with the way back, and a field to jump. */
export function MapView(props: MapViewProps): ReactNode {
  const { session, columns, selection, select, setHover, theme, layer, complain, looked, layers } = props;
  const [wanted, show] = useState<Level>(() => firstLevel(columns));
  const [zoom, setZoom] = useState<Size | undefined>();
  const [shade, setShade] = useState<Shade>("what it is");
  const laidOut = useRef<Layout | undefined>(undefined);
  // Another shape of machine may need another first level; where the person is stays where it can.
  const level = useMemo(() => (isThere(wanted, columns) ? wanted : firstLevel(columns)), [wanted, columns.ids]);
  const shown = useMemo(() => segmentsOf(level, columns), [columns.segments, level]);
  const [asTable, setAsTable] = useState(false);
  const [filters, setFilters] = useState(false);
  const [filter, setFilter] = useState<BlockFilter>(noFilter);
  const { load } = filter;
  const ofLoad = useAnswer(
    async () => (load === "" ? undefined : new Set(await session.host.loadBlocks(load))),
    [session, session.partsVersion, load],
  );
  const mask = useMemo(() => maskOf(columns, filter, ofLoad), [columns, filter, ofLoad]);
  useEffect(() => {
    if (looked === undefined) return;
    setAsTable(false);
    show({ at: "pages", block: looked.block });
  }, [looked]);
  const setLevel = (to: Level): void => {
    show(to);
    setZoom(undefined);
  };
  const goUp = (): void => setLevel(above(level, columns));
  const zoomBy = (step: number): void => {
    if (laidOut.current === undefined) return;
    const to = zoomStep(laidOut.current, step);
    if (typeof to !== "string") setZoom(to);
    else if (to === "out") goUp();
    else if (selection.cursor !== undefined) setLevel({ at: "pages", block: selection.cursor });
  };
  /** Shows a block among those of its node, or of the whole machine where that is what is looked at. */
  const goTo = (block: number): void => {
    const index = columns.indexOf(block);
    const segment = segmentAt(columns.segments, index);
    const isShown = level.at === "blocks" && shown.some(({ start, end }) => index >= start && index < end);
    if (!isShown) setLevel({ at: "blocks", node: firstLevel(columns).at === "nodes" ? segment?.node : undefined });
    select(choose(block));
  };
  const jump = (text: string): void => {
    const place = findPlace(text, columns, session.view.blockBytes);
    if (typeof place === "string") complain(place);
    else if ("node" in place) setLevel(levelOfNode(place.node, columns));
    else goTo(place.block);
  };
  const isTable = asTable && level.at === "blocks";
  const enter = (block: number): void => setLevel({ at: "pages", block });
  const areSquares = level.at === "blocks" && !isTable;
  const by = areSquares && (shade === "free" || shade === "load") ? shade : undefined;
  const asked = useAnswer(
    async () => (by === undefined ? undefined : (await squareShades()).squareShades(session, columns, shown, by)),
    [session, session.partsVersion, shown, by],
  );
  const squares = areSquares ? { by, show: setShade, problem: asked?.problem ?? "" } : undefined;
  const tiles = {
    session,
    columns,
    theme,
    mask,
    shade,
    leave: goUp,
    enter: (node: number, device: string | undefined) =>
      setLevel(device === undefined ? levelOfNode(node, columns) : { at: "blocks", node, device }),
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
        <div className="map-choice" role="group" aria-label="Whole machine as">
          {views.map(([name, to]) => (
            <button
              key={name}
              type="button"
              aria-pressed={!isTable && level.at === to.at && !("node" in level && level.node !== undefined)}
              onClick={() => {
                setAsTable(false);
                setLevel(to);
              }}
            >
              {name}
            </button>
          ))}
          <button
            type="button"
            aria-pressed={isTable}
            onClick={() => {
              setAsTable(!isTable);
              if (level.at !== "blocks") setLevel({ at: "blocks", node: undefined });
            }}
          >
            table
          </button>
        </div>
        <button
          type="button"
          aria-expanded={filters}
          aria-pressed={mask !== undefined}
          onClick={() => setFilters(!filters)}
        >
          Filter and layers
        </button>
        <Jump jump={jump} />
      </div>
      {filters && (
        <Part
          load={filterBar}
          name="the filter"
          props={{ session, columns, filter, setFilter, mask, select, layers, squares }}
        />
      )}
      {level.at === "nodes" && (
        <Part load={tileMap} name="the map of nodes" props={{ ...tiles, segments: columns.segments, by: "node" }} />
      )}
      {level.at === "devices" && (
        <Part load={tileMap} name="the map of devices" props={{ ...tiles, segments: shown, by: "device" }} />
      )}
      {isTable && (
        <Part
          load={blockTable}
          name="the table of blocks"
          props={{
            columns,
            segments: shown,
            mask,
            blockBytes: session.view.blockBytes,
            selection,
            select,
            enter,
            leave: goUp,
          }}
        />
      )}
      {level.at === "blocks" && !isTable && (
        <BlockMap
          {...{ columns, selection, select, setHover, theme, layer, mask, zoom, setZoom, laidOut, goTo }}
          shades={by === undefined ? undefined : asked?.paint}
          segments={shown}
          enter={enter}
          leave={goUp}
        />
      )}
      {level.at === "pages" && (
        <Part
          key={level.block}
          load={pageMap}
          name="the pages of a block"
          props={{ session, block: level.block, theme, leave: goUp }}
        />
      )}
      <div className="map-foot">
        {level.at === "pages" || isTable ? <span /> : <Legend theme={theme} />}
        {(level.at === "nodes" || level.at === "devices") && (
          <label>
            Tiles show
            <select value={shade} onChange={(event) => setShade(event.target.value as Shade)}>
              {shades.slice(0, level.at === "nodes" ? 5 : 3).map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        {level.at === "blocks" && !isTable && (
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
