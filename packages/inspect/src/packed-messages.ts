import type { InspectionMessage } from "./protocol.ts";

/**
 * Messages as a few long strings instead of many small objects: copying them to another thread takes half of the time.
 */
export interface PackedMessages {
  /** A letter for each: `a`ctor, `e`vent, `s`napshot, the last snap`z`hot. */
  readonly kinds: string;
  /** Ids that occur. */
  readonly ids: readonly string[];
  /** For each message the place of its actor in `ids`. */
  readonly actors: readonly number[];
  readonly at: readonly number[];
  /** Texts, one per line; JSON has no line breaks of its own. */
  readonly texts: string;
}

const KINDS = { a: "actor", e: "event", s: "snapshot", z: "snapshot" } as const;

export function packMessages(messages: readonly InspectionMessage[]): PackedMessages {
  const places = new Map<string, number>();
  const actors: number[] = [];
  const at: number[] = [];
  const texts: string[] = [];
  let kinds = "";
  for (const message of messages) {
    let place = places.get(message.actor);
    if (place === undefined) places.set(message.actor, (place = places.size));
    actors.push(place);
    at.push(message.at);
    texts.push(message.text);
    kinds += message.ended === true ? "z" : message.kind[0];
  }
  return { kinds, ids: [...places.keys()], actors, at, texts: texts.join("\n") };
}

export function unpackMessages({ kinds, ids, actors, at, texts }: PackedMessages): InspectionMessage[] {
  if (kinds === "") return [];
  return texts.split("\n").map((text, i): InspectionMessage => {
    const letter = kinds[i] as keyof typeof KINDS;
    const message = { kind: KINDS[letter], actor: ids[actors[i] as number] as string, at: at[i] as number, text };
    return letter === "z" ? { ...message, ended: true } : message;
  });
}
