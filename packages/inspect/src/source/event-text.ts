import type { AnyEventObject } from "xstate";

/**
 * Writes events. An event is told twice, when it arrives and with the state that it led to; and many are nothing but a type.
 */
export function createEventTexts(json: (event: AnyEventObject) => string): (event: AnyEventObject) => string {
  const plain = new Map<string, string>();
  let last: AnyEventObject | undefined;
  let lastText = "";

  return (event) => {
    if (event === last) return lastText;
    last = event;
    if (isPlain(event)) {
      const known = plain.get(event.type);
      if (known !== undefined) return (lastText = known);
      if (plain.size < 1000) plain.set(event.type, json(event));
    }
    return (lastText = json(event));
  };
}

function isPlain(event: AnyEventObject): boolean {
  for (const key in event) if (key !== "type") return false;
  return true;
}
