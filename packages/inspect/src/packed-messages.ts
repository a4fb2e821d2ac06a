/**
 * One message for the inspector. `text` is the JSON of a `StatelyInspectionEvent`; whoever only passes it on need not read it.
 */
export interface InspectionMessage {
  readonly kind: "actor" | "event" | "snapshot";
  /** Id of the actor, unique over all sources: `w1/light`. */
  readonly actor: string;
  /** When, by the clock of the source. */
  readonly at: number;
  readonly text: string;
  /** On the last snapshot of an actor that has ended. */
  readonly ended?: true;
}

/** A message where it is made: without what all messages of an actor have in common. */
export interface RawMessage {
  readonly kind: "actor" | "event" | "snapshot" | "last snapshot";
  readonly actor: string;
  readonly at: number;
  /** The fields of the JSON that are the message's own. */
  readonly own: string;
  /** The fields that all messages of this actor have. */
  readonly common: string;
}

/**
 * Messages as a few long strings instead of many small objects: that is how they are cheapest to copy to another thread.
 */
export interface PackedMessages {
  /** A letter for each message. */
  readonly kinds: string;
  /** For each message the place of its actor in `ids` and `commons`. */
  readonly actors: readonly number[];
  readonly at: readonly number[];
  /** The own fields, one message per line; JSON has no line breaks in itself. */
  readonly owns: string;
  readonly ids: readonly string[];
  readonly commons: readonly string[];
}

const LETTERS = { actor: "a", event: "e", snapshot: "s", "last snapshot": "z" } as const;
const KINDS = { a: "actor", e: "event", s: "snapshot", z: "snapshot" } as const;

export function packMessages(messages: readonly RawMessage[]): PackedMessages {
  const places = new Map<string, number>();
  const commons: string[] = [];
  const actors: number[] = [];
  const times: number[] = [];
  const owns: string[] = [];
  let kinds = "";
  for (const { kind, actor, at, own, common } of messages) {
    let place = places.get(actor);
    if (place === undefined) {
      places.set(actor, (place = places.size));
      commons.push(common);
    }
    actors.push(place);
    times.push(at);
    owns.push(own);
    kinds += LETTERS[kind];
  }
  return { kinds, actors, at: times, owns: owns.join("\n"), ids: [...places.keys()], commons };
}

export function unpackMessages({ kinds, actors, at, owns, ids, commons }: PackedMessages): InspectionMessage[] {
  if (kinds === "") return [];
  return owns.split("\n").map((own, i): InspectionMessage => {
    const letter = kinds[i] as keyof typeof KINDS;
    const place = actors[i] as number;
    const time = at[i] as number;
    const text = `{${own},${commons[place]},"createdAt":"${time}"}`;
    const message = { kind: KINDS[letter], actor: ids[place] as string, at: time, text };
    return letter === "z" ? { ...message, ended: true } : message;
  });
}
