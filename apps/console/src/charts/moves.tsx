import type { ReactNode } from "react";

/** A step of a statechart, with when it was, in words. */
interface ToldMove {
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly event?: string;
}

interface MovesProps {
  readonly name: string;
  /** The oldest first. */
  readonly moves: readonly ToldMove[];
  /** Why there may have been more; nothing where all are there. */
  readonly before?: string;
}

/** How one came to where it is, the newest first. */
export function Moves({ name, moves, before = "" }: MovesProps): ReactNode {
  return (
    <details className="moves" open={moves.length > 0}>
      <summary>{`history of ${name}: ${moves.length === 0 ? "none yet" : `${moves.length} steps`}`}</summary>
      <ol aria-label={`History of ${name}`} tabIndex={moves.length > 0 ? 0 : undefined}>
        {moves.toReversed().map(({ at, from, to, event }, i) => (
          <li key={`${moves.length - i} ${at}`}>
            <span>{at}</span> {event === undefined ? "" : <em>{event} </em>}
            {from} → <b>{to}</b>
          </li>
        ))}
      </ol>
      {before !== "" && <p className="quiet">{before}</p>}
    </details>
  );
}
