import { type RefCallback, useCallback, useRef, useState } from "react";

interface Box {
  readonly width: number;
  readonly height: number;
}

/** A reference for an element, and how large its inside is; CSS pixels. */
export function useBox(): { readonly element: RefCallback<HTMLDivElement>; readonly box: Box } {
  const [box, setBox] = useState<Box>({ width: 0, height: 0 });
  const observer = useRef<ResizeObserver | undefined>(undefined);
  const element = useCallback((own: HTMLDivElement | null) => {
    observer.current?.disconnect();
    if (own === null) return;
    observer.current = new ResizeObserver(() => setBox({ width: own.clientWidth, height: own.clientHeight }));
    observer.current.observe(own);
  }, []);
  return { element, box };
}
