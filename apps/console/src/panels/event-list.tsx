import { type KeyboardEvent, type ReactNode, useMemo, useState } from "react";
import type { EventView } from "../host/views.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";
import { type EventType, eventTypes, typeName } from "../words/event-types.ts";
import { countWords } from "../words/size-words.ts";
import { timeWords } from "../words/time-words.ts";
import { Reason } from "./answer-view.tsx";
import { useVirtualList } from "./virtual-list.ts";

const ROW = 22;

interface EventListProps {
  readonly session: RemoteSession;
  /** The chosen block, which the list may be narrowed to. */
  readonly block: number | undefined;
  readonly choose: (block: number) => void;
}

/** Everything that happened, in the order of the stream. The machine's worker looks through it; the page has what is seen. */
export function EventList({ session, block, choose }: EventListProps): ReactNode {
  const [hidden, setHidden] = useState<ReadonlySet<EventType>>(new Set(["zone"]));
  const [onlyBlock, setOnlyBlock] = useState(false);
  const [text, setText] = useState("");
  const [current, setCurrent] = useState<EventView | undefined>();
  const [count, setCount] = useState(0);
  const { scroller, first, end, reveal } = useVirtualList(count, ROW);
  const { end: total, dropped } = session.view.events;
  const filter = useMemo(
    () => ({ hidden: [...hidden].sort(), text, ...(onlyBlock && block !== undefined ? { block } : {}) }),
    [hidden, text, onlyBlock, block],
  );
  const window = (row: number, rows: number) =>
    session.host.events({
      filter,
      first: row,
      count: rows,
      ...(current === undefined ? {} : { current: current.number }),
    });
  const seen = useAnswer(async () => {
    const view = await window(first, Math.max(32, end - first));
    // Another filter was asked for meanwhile: its answer follows.
    if (view === undefined) throw new Error("not wanted any more");
    setCount(view.count);
    return view;
  }, [session, total, filter, first, end, current]);
  const at = current === undefined ? -1 : (seen?.at ?? -1);

  async function take(row: number): Promise<void> {
    const event = (await window(row, 1))?.rows[0];
    if (event === undefined) return;
    setCurrent(event);
    reveal(row);
    if (event.block !== undefined && session.columns().indexOf(event.block) >= 0) choose(event.block);
  }
  function press(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 10,
      PageUp: -10,
      Home: -count,
      End: count,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    void take(at < 0 ? (step > 0 ? 0 : count - 1) : Math.max(0, Math.min(count - 1, at + step)));
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
        <span className="count">{`${countWords(count)} of ${countWords(total)}${dropped > 0 ? `, the oldest ${countWords(dropped)} let go` : ""}`}</span>
      </div>
      {total === 0 && <p className="quiet nothing">Nothing has happened since boot.</p>}
      <div
        ref={scroller}
        className="rows"
        role="listbox"
        tabIndex={0}
        aria-label="Events"
        aria-activedescendant={at >= first && at < end ? `event-${at}` : undefined}
        onKeyDown={press}
      >
        <div style={{ height: count * ROW }}>
          {seen?.rows.map((event, i) => (
            <EventRow
              key={event.number}
              event={event}
              row={seen.first + i}
              current={event.number === current?.number}
              take={(row) => void take(row)}
            />
          ))}
        </div>
      </div>
      {current !== undefined && at >= 0 && (
        <div className="whole">
          {current.refusal === undefined ? <p>{current.words}</p> : <Reason group={current.refusal} />}
        </div>
      )}
    </div>
  );
}

interface EventRowProps {
  readonly event: EventView;
  readonly row: number;
  readonly current: boolean;
  readonly take: (row: number) => void;
}

function EventRow({ event, row, current, take }: EventRowProps): ReactNode {
  const { words } = event;
  return (
    <div
      id={`event-${row}`}
      className="event"
      role="option"
      aria-selected={current}
      data-type={event.type}
      data-trouble={event.isTrouble || undefined}
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
