import { behaviourLines } from "../behaviour.ts";
import type { DiagramModel, DiagramState } from "../diagram-model.ts";
import { edgeLabel } from "../edge-label.ts";

export function titleOf({ id, description }: DiagramModel): string {
  return description === "" ? `Statechart ${id}` : `Statechart ${id}: ${description}`;
}

/** The whole chart as sentences, for those who do not see it. */
export function inWords(model: DiagramModel, active: ReadonlySet<string>): string {
  const pathOf = new Map([[model.id, model.id], ...model.states.map(({ id, path }) => [id, path] as const)]);
  const root = { ...model, path: model.id, initial: false };
  const sentences = [root, ...model.states].flatMap((state) => {
    const parts = [
      ...behaviourLines(state),
      ...model.edges
        .filter(({ source }) => source === state.id)
        .map((edge) => `${edgeLabel(edge)} to ${pathOf.get(edge.target)}`),
    ];
    if (state === root && parts.length === 0) return [];
    const marks = [...marksOf(state), ...(active.has(state.id) && state !== root ? ["current"] : [])];
    const said = parts.length === 0 ? "" : `: ${parts.join(", ")}`;
    return [`${state.path}${marks.length === 0 ? "" : ` (${marks.join(", ")})`}${said}.`];
  });
  return sentences.join(" ");
}

function marksOf({ initial, kind, history }: Pick<DiagramState, "initial" | "kind" | "history">): string[] {
  return [
    ...(initial ? ["initial"] : []),
    ...(kind === "final" || kind === "parallel" ? [kind] : []),
    ...(kind === "history" ? [`${history} history`] : []),
  ];
}
