import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";

/** Rows a little outside are drawn, too, so that slow scrolling never shows a gap. */
const OVERSCAN = 8;

interface VirtualList {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** First row to draw, and the one after the last. */
  readonly first: number;
  readonly end: number;
  readonly reveal: (row: number) => void;
}

/**
 * The visible part of a list of equal rows. A list that is at its end stays there when it grows, if it follows its end.
 * @param rowPx height of a row in CSS pixels.
 */
export function useVirtualList(count: number, rowPx: number, followsEnd = true): VirtualList {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(400);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const scrolled = (): void => {
      atEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - rowPx;
      setTop(element.scrollTop);
    };
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", scrolled);
    };
  }, [rowPx]);
  useLayoutEffect(() => {
    if (followsEnd && atEnd.current && scroller.current !== null) scroller.current.scrollTop = count * rowPx;
  }, [count, rowPx, followsEnd]);
  const reveal = useCallback(
    (row: number) => {
      const element = scroller.current;
      if (element === null) return;
      if (row * rowPx < element.scrollTop) element.scrollTop = row * rowPx;
      else if ((row + 1) * rowPx > element.scrollTop + element.clientHeight)
        element.scrollTop = (row + 1) * rowPx - element.clientHeight;
    },
    [rowPx],
  );
  const first = Math.max(0, Math.floor(top / rowPx) - OVERSCAN);
  return { scroller, first, end: Math.min(count, Math.ceil((top + height) / rowPx) + OVERSCAN), reveal };
}
