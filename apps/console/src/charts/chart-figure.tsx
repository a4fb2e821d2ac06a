import {
  type KeyboardEvent,
  type ReactNode,
  type SyntheticEvent,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import type { AnyStateMachine } from "xstate";
import type { Theme } from "../map/palette.ts";
import { chartSvg, type ChartNow, countIn, modelOf, showNow } from "./chart-svg.ts";
import { StateTold } from "./state-told.tsx";

interface ChartFigureProps {
  readonly title: string;
  /** What it counts, in a few words. */
  readonly about: string;
  readonly machine: AnyStateMachine;
  readonly theme: Theme;
  readonly now: ChartNow;
  /** A state was chosen: who is in it? */
  readonly choose: (path: string) => void;
  readonly children?: ReactNode;
}

/** A statechart as the running simulation has it, with who is where. States are told of when pointed at or reached by keyboard. */
export function ChartFigure({ title, about, machine, theme, now, choose, children }: ChartFigureProps): ReactNode {
  const id = useId().replaceAll(":", "");
  const svg = useMemo(() => chartSvg(machine, theme, `chart-${id}`), [machine, theme, id]);
  const box = useRef<HTMLDivElement>(null);
  const [told, tell] = useState<string | undefined>();
  useEffect(() => {
    const drawn = box.current?.querySelector("svg");
    if (drawn !== null && drawn !== undefined) showNow(drawn, machine, now);
  }, [svg, machine, now]);
  // The chosen one's state is brought into sight when it moves.
  useEffect(() => {
    const element = box.current;
    const state = element?.querySelector(`g[data-state="${now.current}"]`);
    if (element === null || state === null || state === undefined) return;
    const offset = state.getBoundingClientRect().top - element.getBoundingClientRect().top;
    if (offset < 0 || offset > element.clientHeight - 30) element.scrollTop += offset - element.clientHeight / 2;
  }, [svg, now.current]);
  const at = (event: SyntheticEvent): string | undefined =>
    (event.target as Element).closest("g[data-state]")?.getAttribute("data-state") ?? undefined;
  const press = (event: KeyboardEvent): void => {
    const path = at(event);
    if (path === undefined) return;
    if (event.key === "Enter" || event.key === " ") choose(path);
    else if (!move(box.current, path, event.key)) return;
    event.preventDefault();
  };
  const shown = told ?? now.current;
  const state = modelOf(machine).states.find(({ path }) => path === shown);
  return (
    <figure className="chart" aria-label={title}>
      <figcaption>
        <b>{title}</b> <span className="quiet">{about}</span>
      </figcaption>
      {children}
      <div
        ref={box}
        className="chart-box"
        data-current={now.current}
        onPointerOver={(event) => tell(at(event) ?? told)}
        onFocus={(event) => tell(at(event) ?? told)}
        onClick={(event) => {
          const path = at(event);
          if (path !== undefined) choose(path);
        }}
        onKeyDown={press}
        // Built by @memhp/diagram from the machine's definition, with everything escaped.
        dangerouslySetInnerHTML={{ __html: svg }}
      />
      <StateTold state={state} count={state === undefined ? 0 : countIn(state.path, now.counts)} />
    </figure>
  );
}

/** Arrow keys go from state to state in the order of the chart. @returns whether the key was one of them */
function move(box: HTMLElement | null, path: string, key: string): boolean {
  const states = [...(box?.querySelectorAll<SVGGElement>("g[data-state]") ?? [])].sort(
    (a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top,
  );
  const here = states.findIndex((state) => state.getAttribute("data-state") === path);
  const to =
    key === "ArrowDown" || key === "ArrowRight"
      ? here + 1
      : key === "ArrowUp" || key === "ArrowLeft"
        ? here - 1
        : key === "Home"
          ? 0
          : key === "End"
            ? states.length - 1
            : undefined;
  if (to === undefined) return false;
  const next = states[to];
  if (next !== undefined) {
    states[here]?.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }
  return true;
}
