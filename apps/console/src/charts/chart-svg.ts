import { diagramModel, type DiagramModel, type DiagramState, toSvg } from "@memhp/diagram";
import type { AnyStateMachine } from "xstate";
import type { Theme } from "../map/palette.ts";

/** A step that an instance of a statechart took: paths of its innermost states, and the event where it is known. */
export interface Walked {
  readonly from: string;
  readonly to: string;
  readonly event?: string;
}

/** What of the machine's present is shown on its chart. */
export interface ChartNow {
  /** How many are in each innermost state, by path. */
  readonly counts: ReadonlyMap<string, number>;
  /** Where the chosen one is. */
  readonly current: string | undefined;
  /** The way that the chosen one has come, the newest last. */
  readonly walked: readonly Walked[];
}

/** The chart as text; what is in it can be reached, so that it is no single image. */
export function chartSvg(machine: AnyStateMachine, theme: Theme, idPrefix: string): string {
  const svg = toSvg(machine, { theme, descriptions: false, actions: false, idPrefix });
  return svg.replace(' role="img"', ' role="group"');
}

const models = new WeakMap<AnyStateMachine, DiagramModel>();

export function modelOf(machine: AnyStateMachine): DiagramModel {
  let model = models.get(machine);
  if (model === undefined) models.set(machine, (model = diagramModel(machine)));
  return model;
}

/** How many are in a state or in those within it. */
export function countIn(path: string, counts: ChartNow["counts"]): number {
  let sum = 0;
  for (const [leaf, count] of counts) if (leaf === path || leaf.startsWith(`${path}.`)) sum += count;
  return sum;
}

/** A state in a sentence or two, for who hears the page. */
function stateLabel(state: DiagramState, count: number, isHere: boolean): string {
  const here = isHere ? ", the chosen one among them" : "";
  return `${state.path} ${count} in it${here}. ${state.description}`;
}

const NS = "http://www.w3.org/2000/svg";

/** Writes the machine's present onto a drawn chart. Boxes stay where they are, and who has the focus keeps it. */
export function showNow(svg: SVGElement, machine: AnyStateMachine, { counts, current, walked }: ChartNow): void {
  const model = modelOf(machine);
  for (const state of model.states) {
    const box = svg.querySelector<SVGGElement>(`g[data-state="${state.path}"]`);
    if (box === null) continue;
    const count = countIn(state.path, counts);
    const isHere = current !== undefined && (current === state.path || current.startsWith(`${state.path}.`));
    box.setAttribute("role", "button");
    if (!box.hasAttribute("tabindex")) box.setAttribute("tabindex", "-1");
    box.setAttribute("aria-label", stateLabel(state, count, isHere));
    box.toggleAttribute("data-here", isHere);
    box.toggleAttribute("data-in", count > 0);
    badge(svg, box, state.path, count > 0 ? String(count) : "", current === state.path);
  }
  const first = svg.querySelector('g[data-state][tabindex="0"]') ?? svg.querySelector("g[data-state]");
  first?.setAttribute("tabindex", "0");
  const last = walked.at(-1);
  const edges = new Set(walked.map((step) => edgeOf(model, step)));
  const newest = last === undefined ? undefined : edgeOf(model, last);
  for (const arrow of svg.querySelectorAll("g[data-source]")) {
    const key = keyOf(arrow.getAttribute("data-source") ?? "", arrow.getAttribute("data-target") ?? "");
    arrow.toggleAttribute("data-walked", edges.has(key));
    arrow.toggleAttribute("data-newest", key === newest);
  }
}

/**
 * How many, at the right of the box; a dot marks where the chosen one is. It lies over the box and not in it, where it would be a
 * part of the name that the box is said by.
 */
function badge(svg: SVGElement, box: SVGGElement, path: string, text: string, isHere: boolean): void {
  const key = `[data-of="${path}"]`;
  let written = svg.querySelector<SVGElement>(`text.badge${key}`);
  let dot = svg.querySelector<SVGElement>(`circle.badge${key}`);
  if (written === null || dot === null) {
    const rect = box.querySelector("rect");
    const right = Number(rect?.getAttribute("x")) + Number(rect?.getAttribute("width")) - 10;
    const top = Number(rect?.getAttribute("y"));
    written = made("text", { "data-of": path, x: right, y: top + 18, "text-anchor": "end" });
    dot = made("circle", { "data-of": path, cx: right - 46, cy: top + 14, r: 4.5 });
    svg.append(written, dot);
  }
  if (written.textContent !== text) written.textContent = text;
  dot.toggleAttribute("data-shown", isHere);
}

function made(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries({ class: "badge", "aria-hidden": true, ...attributes }))
    element.setAttribute(key, String(value));
  return element;
}

const keyOf = (source: string, target: string): string => `${source} ${target}`;

/** The arrow that was walked: an event may leave the state itself or one around it, and enter by the outermost. */
function edgeOf({ id, edges }: DiagramModel, { from, to, event }: Walked): string | undefined {
  const isOn = (state: string, path: string): boolean =>
    state === `${id}.${path}` || `${id}.${path}`.startsWith(`${state}.`);
  const fitting = edges.filter(
    (edge) =>
      isOn(edge.source, from) &&
      isOn(edge.target, to) &&
      edge.target !== id &&
      (event === undefined || edge.event === event || edge.event === ""),
  );
  const depth = (state: string): number => state.split(".").length;
  const [best] = fitting.sort((a, b) => depth(b.target) - depth(a.target) || depth(b.source) - depth(a.source));
  return best === undefined ? undefined : keyOf(best.source, best.target);
}
