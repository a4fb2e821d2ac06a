import { createRecordingSink } from "@memhp/inspect";
import { createInspector, type StatelyInspectionEvent } from "@statelyai/inspect";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createActor, fromPromise, setup } from "xstate";
import { STATELY_VERSION } from "../src/source/stately-text.ts";
import { bridge } from "./bridge.ts";
import { lamp } from "./machines.ts";

const parent = setup({ actors: { lamp, job: fromPromise(async () => "done") } }).createMachine({
  id: "house",
  initial: "dark",
  context: { rooms: 3 },
  on: {
    SWITCH: {
      actions: ({ self }) =>
        (self.getSnapshot().children as Record<string, { send(event: unknown): void }>)["porch"]?.send({
          type: "PRESS",
        }),
    },
  },
  invoke: { id: "porch", src: "lamp", input: { number: 1, street: 2 } },
  states: { dark: { on: { DAY: "lit" } }, lit: { type: "final" } },
});

test("messages are those of the official inspector, field by field, but for ids, times and what is empty", async () => {
  const official: StatelyInspectionEvent[] = [];
  const inspector = createInspector(
    { send: (event) => official.push(event) },
    { serialize: (event) => JSON.parse(JSON.stringify(event)) as StatelyInspectionEvent },
  );
  const { source, recorded, settle } = bridge();
  const ids = new Map<string, string>();
  const run = async (inspect: (typeof source)["inspect"]): Promise<void> => {
    const actor = createActor(parent, { id: "home", inspect }).start();
    ids.set(actor.sessionId, "w1/home");
    for (const child of Object.values(actor.getSnapshot().children))
      if (child !== undefined) ids.set(child.sessionId, "w1/home/porch");
    actor.send({ type: "SWITCH" });
    actor.send({ type: "DAY" });
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await run(inspector.inspect);
  await run(source.inspect);
  settle();

  // The official inspector introduces an actor as it is made, ours as it starts; so introductions are compared apart.
  const introductions = (events: readonly StatelyInspectionEvent[]) =>
    events
      .filter(({ type }) => type === "@xstate.actor")
      .map((event) => comparable({ ...event, snapshot: {} } as StatelyInspectionEvent, ids))
      .sort(byId);
  const rest = (events: readonly StatelyInspectionEvent[]) =>
    events.filter(({ type }) => type !== "@xstate.actor").map((event) => comparable(event, ids));
  expect(introductions(recorded.events())).toEqual(introductions(official));
  expect(rest(recorded.events())).toEqual(rest(official));
});

test("the version in the messages is that of @statelyai/inspect", () => {
  const file = fileURLToPath(new URL("../node_modules/@statelyai/inspect/package.json", import.meta.url));
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  expect(STATELY_VERSION).toBe(version);
});

test("a recording is one message per line", () => {
  const recorded = createRecordingSink();
  recorded.take({ kind: "event", actor: "a", at: 1, text: '{"type":"@xstate.event"}' });
  recorded.take({ kind: "event", actor: "a", at: 2, text: '{"type":"@xstate.event"}' });
  expect(recorded.toJsonLines()).toBe('{"type":"@xstate.event"}\n{"type":"@xstate.event"}\n');
});

type Plain = Record<string, unknown>;

function byId(a: Plain, b: Plain): number {
  return String(a["sessionId"]) < String(b["sessionId"]) ? -1 : 1;
}

/** Without times, with our ids, and without what one of the two does not write when it is empty. */
function comparable(event: StatelyInspectionEvent, ids: ReadonlyMap<string, string>): Plain {
  const translate = (value: unknown): unknown => {
    if (typeof value === "string") return ids.get(value) ?? value;
    if (Array.isArray(value)) return value.map(translate);
    if (typeof value !== "object" || value === null) return value;
    const { createdAt: _, historyValue: __, _subscription: ___, ...fields } = value as Plain;
    const kept = Object.entries(fields).filter(
      ([key, inner]) =>
        inner !== undefined &&
        !(["tags", "children"].includes(key) && Object.keys(inner as object).length === 0) &&
        !isFunction(inner),
    );
    return Object.fromEntries(
      kept.map(([key, inner]) => [key, key === "definition" ? JSON.parse(inner as string) : translate(inner)]),
    );
  };
  return translate(JSON.parse(JSON.stringify(event))) as Plain;
}

/** The official inspector writes functions in contexts and events as `{ type: name }`. */
function isFunction(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).join() === "type" &&
    (value as Plain)["type"] === "press"
  );
}
