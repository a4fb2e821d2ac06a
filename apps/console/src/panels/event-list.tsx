import type { SimEvent } from "@memhp/abi";
import { type KeyboardEvent, type ReactNode, useMemo, useState } from "react";
import type { Session } from "../session/session.ts";
import {
  blockOf,
  type EventType,
  eventTypes,
  eventWords,
  filterEvents,
  isTrouble,
  timeWords,
  typeName,
} from "../words/event-words.ts";
import { groupRefusals } from "../words/refusal-words.ts";
import { Reason } from "./answer-view.tsx";
import { useVirtualList } from "./virtual-list.ts";

const ROW = 22;

interface EventListProps {
  readonly session: Session;
  readonly version: number;
  /** The chosen block, which the list may be narrowed to. */
  readonly block: number | undefined;
  readonly choose: (block: number) => void;
}

/** Everything that happened, in the order of the stream. */
export function EventList({ session, version, block, choose }: EventListProps): ReactNode {
  const [hidden, setHidden] = useState<ReadonlySet<EventType>>(new Set(["zone"]));
  const [onlyBlock, setOnlyBlock] = useState(false);
  const [text, setText] = useState("");
  const [current, setCurrent] = useState<SimEvent | undefined>();
  const { events, dropped } = session.log;
  const rows = useMemo(
    () => filterEvents(events, { hidden, text, ...(onlyBlock && block !== undefined ? { block } : {}) }),
    [events, version, hidden, text, onlyBlock, block],
  );
  const { scroller, first, end, reveal } = useVirtualList(rows.length, ROW);
  const eventAt = (row: number): SimEvent => events[rows[row] as number] as SimEvent;
  const at = current === undefined ? -1 : rows.findIndex((row) => events[row] === current);

  function take(row: number): void {
    if (row < 0 || row >= rows.length) return;
    const event = eventAt(row);
    setCurrent(event);
    reveal(row);
    const about = blockOf(event);
    if (about !== undefined && session.machine.map.blocks.has(about)) choose(about);
  }
  function press(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 10,
      PageUp: -10,
      Home: -rows.length,
      End: rows.length,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    take(at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + step)));
  }
  const flip = (type: EventType): void => {
    const next = new Set(hidden);
    if (!next.delete(type)) next.add(type);
    setHidden(next);
  };
  return (
    <div className="events">
      <div className="filters" role="group" aria-label="Kinds of events">
        {eventTypes.map(([type, name]) => (
          <button key={type} type="button" aria-pressed={!hidden.has(type)} onClick={() => flip(type)}>
            {name}
          </button>
        ))}
        <label>
          <input
            type="checkbox"
            checked={onlyBlock}
            disabled={block === undefined}
            onChange={(event) => setOnlyBlock(event.target.checked)}
          />
          chosen block
        </label>
        <input
          aria-label="Find in events"
          placeholder="find"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="count">{`${rows.length} of ${events.length + dropped}${dropped > 0 ? `, the oldest ${dropped} let go` : ""}`}</span>
      </div>
      {events.length === 0 && <p className="quiet nothing">Nothing has happened since boot.</p>}
      <div
        ref={scroller}
        className="rows"
        role="listbox"
        tabIndex={0}
        aria-label="Events"
        aria-activedescendant={at >= first && at < end ? `event-${at}` : undefined}
        onKeyDown={press}
      >
        <div style={{ height: rows.length * ROW }}>
          {Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i).map((row) => (
            <EventRow key={row} event={eventAt(row)} row={row} current={row === at} take={take} />
          ))}
        </div>
      </div>
      {current?.type === "refusal" && at >= 0 && (
        <Reason group={groupRefusals([current.refusal])[0] as ReturnType<typeof groupRefusals>[number]} />
      )}
    </div>
  );
}

interface EventRowProps {
  readonly event: SimEvent;
  readonly row: number;
  readonly current: boolean;
  readonly take: (row: number) => void;
}

function EventRow({ event, row, current, take }: EventRowProps): ReactNode {
  const words = eventWords(event);
  return (
    <div
      id={`event-${row}`}
      className="event"
      role="option"
      aria-selected={current}
      data-type={event.type}
      data-trouble={isTrouble(event) || undefined}
      style={{ transform: `translateY(${row * ROW}px)` }}
      title={words}
      onClick={() => take(row)}
    >
      <span className="at">{timeWords(event.atNs)}</span>
      <span className="node">{event.node < 0 ? "" : `n${event.node}`}</span>
      <span className="type">{typeName(event.type)}</span>
      <span className="what">{words}</span>
    </div>
  );
}
