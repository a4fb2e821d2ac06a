import { expect, test } from "vitest";
import { eventLabel } from "../src/edge-label.ts";
import { guardName } from "../src/names.ts";

test.each([
  ["ONLINE", "ONLINE"],
  ["", "always"],
  ["*", "any event"],
  ["door.*", "door.*"],
  ["xstate.after.1000.light.red", "after 1000 ms"],
  ["xstate.after.timeout.light.red", "after timeout"],
  ["xstate.done.state.light.red", "done"],
  ["xstate.done.actor.fetch", "done: fetch"],
  ["xstate.done.actor.0.light.red", "done"],
  ["xstate.error.actor.fetch", "error: fetch"],
  ["xstate.snapshot.clock", "snapshot: clock"],
  ["xstate.stop", "xstate.stop"],
])("the event %j is written %j", (event, label) => {
  expect(eventLabel(event)).toBe(label);
});

test("a guard is called by its type or its function's name", () => {
  expect(guardName("isLoud")).toBe("isLoud");
  expect(guardName({ type: "isLoud", params: {} })).toBe("isLoud");
  expect(guardName(function isQuiet() {})).toBe("isQuiet");
  expect(guardName(() => true)).toBe("guard");
  expect(guardName({})).toBe("guard");
});
