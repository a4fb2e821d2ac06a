import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";

interface SplitterProps {
  /** What gets larger and smaller. */
  readonly name: string;
  /** Custom property of the page that holds its size, in CSS pixels. */
  readonly property: string;
  readonly start: number;
  readonly least: number;
  readonly most: number;
  /** Where the part lies, seen from the line. */
  readonly side: "left" | "right" | "below";
}

const STEP = 24;

function stored(property: string, start: number): number {
  try {
    return Number(localStorage.getItem(`memhp${property}`) ?? start) || start;
  } catch {
    // Storage may be closed to this page; then the size lasts as long as the page.
    return start;
  }
}

/** A line between two parts of the page, moved by pointer or arrow keys; the size is remembered. A double click puts it back. */
export function Splitter({ name, property, start, least, most, side }: SplitterProps): ReactNode {
  const [size, setSize] = useState(() => stored(property, start));
  const from = useRef<{ at: number; size: number } | undefined>(undefined);
  useEffect(() => {
    document.documentElement.style.setProperty(property, `${size}px`);
    try {
      localStorage.setItem(`memhp${property}`, String(size));
    } catch {
      // As above.
    }
  }, [property, size]);
  const put = (wanted: number): void => setSize(Math.round(Math.max(least, Math.min(most, wanted))));
  const along = (event: PointerEvent): number => (side === "below" ? event.clientY : event.clientX);
  const grows = side === "left" ? 1 : -1;
  const press = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    put(size + by * grows * STEP);
  };
  return (
    <div
      className={`splitter ${side}`}
      role="separator"
      tabIndex={0}
      aria-label={`Size of ${name}`}
      aria-orientation={side === "below" ? "horizontal" : "vertical"}
      aria-valuenow={size}
      aria-valuemin={least}
      aria-valuemax={most}
      onKeyDown={press}
      onDoubleClick={() => put(start)}
      onPointerDown={(event) => {
        from.current = { at: along(event), size };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (from.current !== undefined) put(from.current.size + (along(event) - from.current.at) * grows);
      }}
      onPointerUp={() => (from.current = undefined)}
    />
  );
}
