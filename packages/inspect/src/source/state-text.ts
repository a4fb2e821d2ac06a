import type { InspectedState } from "./inspected-actor.ts";

/** A state configuration's tags follow from it, so both are written once and then looked up. */
export interface StateTexts {
  /** JSON of a snapshot around a context that is written already; as XState's own `toJSON`, without what is empty. */
  of(state: InspectedState, context: string): string;
}

/** Parallel states can be in more configurations than are worth remembering. */
const MAX_REMEMBERED = 1000;

export function createStateTexts(json: (value: unknown) => string): StateTexts {
  const remembered = new Map<string, string>();

  function configuration(state: InspectedState): string {
    const { value, tags } = state;
    if (value === undefined) return "";
    const key = keyOf(value);
    let text = key === undefined ? undefined : remembered.get(key);
    if (text === undefined) {
      text = `,"value":${json(value)}${tags === undefined || tags.size === 0 ? "" : `,"tags":${json(tags)}`}`;
      if (key !== undefined && remembered.size < MAX_REMEMBERED) remembered.set(key, text);
    }
    return text;
  }

  return {
    of(state, context) {
      const { status, output, error, children } = state;
      let text = `{"status":"${status}"${configuration(state)},"context":${context}`;
      if (output !== undefined) text += `,"output":${json(output)}`;
      if (error !== undefined) text += `,"error":${json(error)}`;
      for (const _ in children) return `${text},"children":${json(children)}}`;
      return `${text}}`;
    },
  };
}

/** Tells configurations apart; undefined where that would cost as much as writing them. */
function keyOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return undefined;
  let key = "";
  for (const name in value) {
    const inner = (value as Record<string, unknown>)[name];
    if (typeof inner !== "string") return undefined;
    key += `${name}\n${inner}\n`;
  }
  return key;
}
