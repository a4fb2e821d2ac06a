import { blockMachine } from "@memhp/block";
import { toSvg } from "@memhp/diagram";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import type { Theme } from "../map/palette.ts";

interface StatechartProps {
  readonly leaf: string | undefined;
  readonly theme: Theme;
}

/** Drawn from the machine definition that the simulation itself runs. */
export function Statechart({ leaf, theme }: StatechartProps): ReactNode {
  const svg = useMemo(
    () =>
      toSvg(blockMachine, {
        theme,
        ...(leaf === undefined ? {} : { current: leaf }),
        descriptions: false,
        actions: false,
      }),
    [leaf, theme],
  );
  // The text is built by @memhp/diagram from the machine definition, with everything escaped.
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    const state = element?.querySelector(`[data-state="${leaf}"]`);
    if (element === null || state === undefined || state === null) return undefined;
    const reveal = (): void => {
      // Only the box scrolls, not the page around it.
      const offset = state.getBoundingClientRect().top - element.getBoundingClientRect().top;
      if (offset < 0 || offset > element.clientHeight - 40) element.scrollTop += offset - element.clientHeight / 2;
    };
    // The box shrinks when more is said of the block.
    const observer = new ResizeObserver(reveal);
    observer.observe(element);
    return () => observer.disconnect();
  }, [leaf]);
  return (
    <div
      ref={box}
      className="statechart"
      tabIndex={0}
      role="group"
      aria-label="Statechart"
      data-current={leaf}
      dangerouslySetInnerHTML={{ __html: svg }}
    />
  );
}
