import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useMemo, useState } from "react";
import { useVirtualList } from "../panels/virtual-list.ts";
import type { BlockColumns, Segment } from "../session/block-columns.ts";
import { countWords } from "../words/size-words.ts";
import { segmentAt } from "./block-words.ts";
import { IdSet } from "./id-set.ts";
import { type Order, orderOf, orders } from "./block-order.ts";
import { lookOf, stateNames } from "./palette.ts";
import { deviceName } from "./places.ts";
import { choose, nothing, type Selection, toggle } from "./selection.ts";
import "./block-table.css";

interface BlockTableProps {
  readonly columns: BlockColumns;
  readonly segments: readonly Segment[];
  readonly mask: Uint8Array | undefined;
  readonly blockBytes: number;
  readonly selection: Selection;
  readonly select: (selection: Selection) => void;
  readonly enter: (block: number) => void;
  readonly leave: () => void;
}

const ROW = 22;
/** These change without blocks coming or going. */
const living: ReadonlySet<Order> = new Set(["state", "zone", "kernel pages"]);

/** The map's blocks as rows: the same selection, filter and keys, for who does not look at squares. */
export function BlockTable(props: BlockTableProps): ReactNode {
  const { columns, segments, mask, blockBytes, selection, select, enter, leave } = props;
  const [by, setBy] = useState<Order>("block");
  const [isDescending, setDescending] = useState(false);
  const order = useMemo(
    () => orderOf(columns, segments, mask, by, isDescending),
    [living.has(by) ? columns : columns.ids, segments, mask, by, isDescending],
  );
  // Header and rows scroll as one; the header stays in sight.
  const { scroller, first, end, reveal } = useVirtualList(order.length, ROW, false);
  const cursorIndex = selection.cursor === undefined ? -1 : columns.indexOf(selection.cursor);
  const at = useMemo(() => order.indexOf(cursorIndex), [order, cursorIndex]);
  useEffect(() => {
    if (at < 0) return;
    reveal(at);
    reveal(at + 1);
    reveal(at);
  }, [at]);
  const blockAt = (row: number): number => columns.ids[order[row] as number] as number;

  function take(row: number, event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): void {
    const block = blockAt(row);
    if (block === undefined) return;
    if (event.ctrlKey || event.metaKey) select(toggle(selection, [block]));
    else if (event.shiftKey) select(between(row, block));
    else select(choose(block));
  }
  /** All rows from where the range began. */
  function between(row: number, block: number): Selection {
    const anchor = selection.anchor ?? block;
    const from = order.indexOf(columns.indexOf(anchor));
    if (from < 0) return choose(block);
    const rows = order.subarray(Math.min(from, row), Math.max(from, row) + 1);
    return {
      blocks: new IdSet(
        Array.from(rows, (i) => columns.ids[i] as number),
        columns,
      ),
      anchor,
      cursor: block,
    };
  }
  function press(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW) - 2);
    const last = order.length - 1;
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined && order.length > 0) {
      const row = Math.max(0, Math.min(last, to));
      if (event.shiftKey) select(between(row, blockAt(row)));
      else select(choose(blockAt(row)));
    } else if (event.key === " " && at >= 0) select(toggle(selection, [blockAt(at)]));
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      const ids = Array.from(order, (i) => columns.ids[i] as number);
      select({ blocks: new IdSet(ids, columns), anchor: ids[0], cursor: selection.cursor ?? ids[0] });
    } else if (event.key === "Enter" && at >= 0 && event.target === event.currentTarget) enter(blockAt(at));
    else if (event.key === "Backspace") leave();
    else if (event.key === "Escape") select({ ...nothing, cursor: selection.cursor });
    else return;
    event.preventDefault();
  }
  const sortBy = (next: Order): void => {
    setDescending(next === by && !isDescending);
    setBy(next);
  };
  const rows = Array.from({ length: Math.max(0, Math.min(end, order.length) - first) }, (_, i) => first + i);
  return (
    <div className="map-box">
      <div
        ref={scroller}
        id="map"
        className="block-table"
        role="grid"
        tabIndex={0}
        aria-label="Blocks as a table"
        aria-multiselectable="true"
        aria-rowcount={order.length + 1}
        aria-activedescendant={at >= first && at < end ? `row-${at}` : undefined}
        onKeyDown={press}
      >
        <div role="rowgroup" className="head">
          <div role="row" aria-rowindex={1}>
            {orders.map((name) => (
              <span
                key={name}
                role="columnheader"
                aria-sort={name !== by ? "none" : isDescending ? "descending" : "ascending"}
              >
                <button type="button" onClick={() => sortBy(name)}>
                  {name} <span aria-hidden="true">{name !== by ? "" : isDescending ? "▾" : "▴"}</span>
                </button>
              </span>
            ))}
            <span role="columnheader">address</span>
          </div>
        </div>
        <div role="rowgroup" style={{ height: order.length * ROW, position: "relative" }}>
          {rows.map((row) => (
            <Row
              key={row}
              row={row}
              index={order[row] as number}
              columns={columns}
              blockBytes={blockBytes}
              isChosen={selection.blocks.has(blockAt(row))}
              isCurrent={row === at}
              take={(event) => take(row, event)}
              enter={enter}
            />
          ))}
        </div>
      </div>
      <p className="map-note" role="status">
        <span>{`${countWords(order.length)} of ${countWords(columns.ids.length)} blocks`}</span>
      </p>
    </div>
  );
}

interface RowProps {
  readonly row: number;
  readonly index: number;
  readonly columns: BlockColumns;
  readonly blockBytes: number;
  readonly isChosen: boolean;
  readonly isCurrent: boolean;
  readonly take: (event: PointerEvent) => void;
  readonly enter: (block: number) => void;
}

function Row({ row, index, columns, blockBytes, isChosen, isCurrent, take, enter }: RowProps): ReactNode {
  const block = columns.ids[index] as number;
  const segment = segmentAt(columns.segments, index);
  const cells = [
    `memory${block}`,
    segment?.node,
    deviceName(segment?.label ?? ""),
    stateNames[columns.state[index] as number],
    lookOf(columns.zone[index] as number).name,
    columns.unmovable[index] === 1 ? "yes" : "no",
    `0x${(block * blockBytes).toString(16)}`,
  ];
  return (
    <div
      id={`row-${row}`}
      role="row"
      aria-rowindex={row + 2}
      aria-selected={isChosen}
      data-current={isCurrent || undefined}
      style={{ transform: `translateY(${row * ROW}px)` }}
      onClick={take as never}
      onDoubleClick={() => enter(block)}
    >
      {cells.map((cell, i) => (
        <span key={i} role="gridcell">
          {cell}
        </span>
      ))}
    </div>
  );
}
