import { type ReactNode, useId, useMemo } from "react";
import { AllOutlooks, PlanForm } from "../panels/outlook-view.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import type { Asked } from "../session/asked.ts";
import type { BlockColumns } from "../session/block-columns.ts";
import { countWords } from "../words/size-words.ts";
import { type BlockFilter, isFilter, matching, noFilter } from "./block-filter.ts";
import { IdSet } from "./id-set.ts";
import type { Layer } from "./layers.ts";
import { zoneLooks } from "./palette.ts";
import { deviceName } from "./places.ts";
import type { Selection } from "./selection.ts";
import type { Shade } from "./shade-names.ts";
import "./filter-bar.css";

interface FilterBarProps {
  readonly session: RemoteSession;
  readonly columns: BlockColumns;
  readonly filter: BlockFilter;
  readonly setFilter: (filter: BlockFilter) => void;
  readonly mask: Uint8Array | undefined;
  readonly select: (selection: Selection) => void;
  /** What the squares of blocks tell by their shade; undefined where there are none. */
  readonly squares:
    | {
        readonly by: Shade | undefined;
        readonly show: (shade: Shade) => void;
        readonly problem: string;
      }
    | undefined;
  /** What can be laid over the map beside; undefined where nothing is done to the machine. */
  readonly layers:
    | {
        readonly blocked: boolean;
        readonly run: (command: Asked) => void;
        readonly setLayer: (layer: Layer | undefined) => void;
      }
    | undefined;
}

const states: readonly BlockFilter["state"][] = ["", "online", "offline", "on its way"];
/** What one block can be shaded by; it is online and movable as a whole. */
const squareShades: readonly Shade[] = ["what it is", "free", "load"];
const meanings: Readonly<Partial<Record<Shade, string>>> = { free: "free", load: "held by loads" };
/** More names than this are found by typing. */
const MOST_NAMES = 256;

/** Which blocks the map and the table show in full: by state, zone, device and load. */
export function FilterBar({
  session,
  columns,
  filter,
  setFilter,
  mask,
  select,
  layers,
  squares,
}: FilterBarProps): ReactNode {
  const id = useId();
  const zones = useMemo(() => {
    const there = new Set(columns.zone);
    return zoneLooks.filter(({ zone }) => there.has(zone));
  }, [columns]);
  const devices = useMemo(() => [...new Set(columns.segments.map(({ label }) => label))], [columns.segments]);
  const count = mask === undefined ? columns.ids.length : matching(mask);
  const choose = (): void => {
    const ids = columns.ids.filter((_, i) => mask === undefined || mask[i] === 1);
    select({ blocks: new IdSet(ids, columns), anchor: ids[0], cursor: ids[0] });
  };
  return (
    <div className="filter-bar">
      <form aria-label="Filter of the map" onSubmit={(event) => event.preventDefault()}>
        <label>
          state
          <select
            value={filter.state}
            onChange={(event) => setFilter({ ...filter, state: event.target.value as BlockFilter["state"] })}
          >
            {states.map((name) => (
              <option key={name} value={name}>
                {name === "" ? "any" : name}
              </option>
            ))}
          </select>
        </label>
        <label>
          zone
          <select value={filter.zone} onChange={(event) => setFilter({ ...filter, zone: event.target.value })}>
            <option value="">any</option>
            {zones.map(({ zone, name }) => (
              <option key={zone} value={String(zone)}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          device
          <input
            value={filter.device}
            list={`${id}-devices`}
            placeholder="any"
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setFilter({ ...filter, device: event.target.value })}
          />
          <datalist id={`${id}-devices`}>
            {devices.slice(0, MOST_NAMES).map((label) => (
              <option key={label} value={label}>
                {deviceName(label)}
              </option>
            ))}
          </datalist>
        </label>
        <label>
          load
          <select value={filter.load} onChange={(event) => setFilter({ ...filter, load: event.target.value })}>
            <option value="">any</option>
            {session.view.loads.map((load) => (
              <option key={load.id}>{load.id}</option>
            ))}
          </select>
        </label>
        {squares !== undefined && (
          <label>
            squares show
            <select
              value={squares.by ?? squareShades[0]}
              onChange={(event) => squares.show(event.target.value as Shade)}
            >
              {squareShades.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <span role="status">{`${countWords(count)} of ${countWords(columns.ids.length)}`}</span>
        <button type="button" disabled={count === 0} onClick={choose}>
          Choose them
        </button>
        <button type="button" disabled={!isFilter(filter)} onClick={() => setFilter(noFilter)}>
          Show all
        </button>
      </form>
      {squares?.by !== undefined && (
        <p role="status">
          {squares.problem || `Numbers are the hundredths of each block that are ${meanings[squares.by]}.`}
        </p>
      )}
      {layers !== undefined && (
        <section aria-label="Layers of the map">
          <AllOutlooks session={session} setLayer={layers.setLayer} />
          <PlanForm session={session} name="Plan on the map" {...layers} />
        </section>
      )}
    </div>
  );
}
