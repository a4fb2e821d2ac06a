/** A guard as a person calls it: its name, `not(isLoud)`, `and(a, b)`; inline functions are rarely named. */
export function guardName(guard: unknown): string {
  const inner = membersOf(guard, "guards");
  if (inner !== undefined) return `${nameOf(guard) ?? "guard"}(${inner.map(guardName).join(", ")})`;
  return nameOf(guard) ?? "guard";
}

/**
 * An action as a person calls it, with what it is given: `perform(check)`, `assign`.
 * Undefined for those by which XState itself keeps a delay.
 */
function actionName(action: unknown): string | undefined {
  if (isOfDelay(action)) return undefined;
  const params = valueOf(action, "params");
  const name = nameOf(action) ?? "action";
  if (typeof params !== "object" || params === null) return name;
  const values = Object.values(params).filter((value) => ["string", "number", "boolean"].includes(typeof value));
  return values.length === 0 ? name : `${name}(${values.map(String).join(", ")})`;
}

export function actionNames(actions: readonly unknown[]): string[] {
  return actions.flatMap((action) => actionName(action) ?? []);
}

/** An invoked actor as a person calls it: the name of its logic. */
export function invokedName({ src }: { readonly src?: unknown }): string {
  return nameOf(src) ?? valueIfText(valueOf(src, "id")) ?? "actor";
}

function nameOf(thing: unknown): string | undefined {
  if (typeof thing === "string") return thing;
  // XState's own actions are functions with a type: xstate.assign.
  const type = valueIfText(valueOf(thing, "type"))?.replace(/^xstate\./, "");
  if (type !== undefined && type !== "") return type;
  return typeof thing === "function" && !isPlaceName(thing.name) ? thing.name : undefined;
}

/** An inline function is called after the member that it was written into. */
function isPlaceName(name: string): boolean {
  return ["", "actions", "entry", "exit", "guard", "src"].includes(name);
}

function isOfDelay(action: unknown): boolean {
  const id = valueOf(action, "id") ?? valueOf(action, "sendId");
  return typeof id === "string" && id.startsWith("xstate.after.");
}

function valueOf(thing: unknown, name: string): unknown {
  if ((typeof thing !== "object" && typeof thing !== "function") || thing === null) return undefined;
  return (thing as Readonly<Record<string, unknown>>)[name];
}

function membersOf(thing: unknown, name: string): readonly unknown[] | undefined {
  const value = valueOf(thing, name);
  return Array.isArray(value) ? value : undefined;
}

function valueIfText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
