/** The parts of an XState actor that inspection reads; its own types show less, as the official inspector finds too. */
export interface InspectedActor {
  readonly id: string;
  readonly sessionId: string;
  readonly _parent?: InspectedActor;
  readonly logic?: { readonly id?: string; readonly config?: unknown };
  readonly system: { inspect(observer: unknown): { unsubscribe(): void } };
  getSnapshot(): InspectedState | undefined;
}

/** A snapshot of any kind of actor. */
export interface InspectedState {
  readonly status: "active" | "done" | "error" | "stopped";
  readonly value?: unknown;
  readonly context?: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
  readonly tags?: ReadonlySet<string>;
  readonly children?: Readonly<Record<string, InspectedActor | undefined>>;
}

/** Dotted paths of the states that an actor is in; its status where it has none. */
export function statesOf({ value, status }: InspectedState): readonly string[] {
  return typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? leaves(value, "")
      : [status];
}

function leaves(value: object, prefix: string): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const path = `${prefix}${key}`;
    if (typeof inner === "string") return [`${path}.${inner}`];
    const within = typeof inner === "object" && inner !== null ? leaves(inner, `${path}.`) : [];
    return within.length === 0 ? [path] : within;
  });
}

/** The outermost state, by which actors are counted; of parallel ones, all. */
export function outerState({ value, status }: InspectedState): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? Object.keys(value).join("+") : status;
}
