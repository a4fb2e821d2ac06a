import type { DiagramState } from "./diagram-model.ts";

/** What a state does, in the words of UML: `entry / perform(check)`, `invoke load`, `exit / stop`. */
export function behaviourLines({ entry, exit, invokes }: Pick<DiagramState, "entry" | "exit" | "invokes">): string[] {
  return [
    ...(entry.length === 0 ? [] : [`entry / ${entry.join(", ")}`]),
    ...invokes.map(({ src, id }) => (id === undefined || id === src ? `invoke ${src}` : `invoke ${src} as ${id}`)),
    ...(exit.length === 0 ? [] : [`exit / ${exit.join(", ")}`]),
  ];
}

/** What a state is called in a picture: of a history state, UML's H or H* and its name. */
export function shownName({ kind, path, history }: Pick<DiagramState, "kind" | "path" | "history">): string {
  const key = path.slice(path.lastIndexOf(".") + 1);
  return kind === "history" ? `${history === "deep" ? "H*" : "H"} ${key}` : key;
}

/** What a state is, with all that the machine says of it besides: `kernel: online_pages`. */
export function stateWords({ description, meta = {} }: Pick<DiagramState, "description" | "meta">): string {
  const besides = Object.entries(meta).flatMap(([name, value]) => {
    const texts = [value].flat().filter((text) => typeof text === "string");
    return texts.length === 0 ? [] : [`${name}: ${texts.join(", ")}`];
  });
  return [description, ...besides].filter((line) => line !== "").join("\n");
}
