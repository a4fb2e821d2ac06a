import { toMermaid } from "@memhp/diagram";
import { expect, test } from "vitest";
import { createMachine } from "xstate";
import { light, player, recorder } from "./machines.ts";

test("a statechart becomes a state diagram with nested states, initial and final marks, and notes", () => {
  expect(toMermaid(light)).toBe(`stateDiagram-v2
    accTitle: light
    accDescr: A traffic light with a walk signal.
    state "green" as green
    note right of green
        Cars drive
    end note
    state "yellow" as yellow
    state "red" as red {
        state "walk" as red_walk
        state "wait" as red_wait
        state "stop" as red_stop
        [*] --> red_walk
    }
    note right of red
        Cars stop; people walk
    end note
    state "dark" as dark
    [*] --> green
    dark --> [*]
    green --> yellow : TIMER
    green --> yellow : after 5000 ms
    yellow --> red : TIMER
    red --> green : TIMER
    red --> dark : BROKEN
    red_walk --> red_wait : PED
    red_wait --> red_stop : PED
    red_wait --> red_walk : BACK
    red_wait --> red_wait : AGAIN
    red_stop --> green : SKIP
`);
});

test("notes can be left out", () => {
  expect(toMermaid(light, { notes: false })).not.toContain("note");
});

test("regions of a parallel state are divided, and transitions of the machine itself begin at a box for it", () => {
  const text = toMermaid(player);
  expect(text).toContain('    [*] --> player\n    state "player" as player {\n        state "sound" as sound {');
  expect(text).toContain('        }\n        --\n        state "track" as track {');
  expect(text).toContain("    player --> sound_normal : RESET\n    player --> player : TICK / action\n");
});

test("guards stand behind the event, and XState's own events are in words", () => {
  const text = toMermaid(player);
  expect(text).toContain("sound_normal --> sound_muted : DUCK [isLoud]\n");
  expect(text).toContain("sound_muted --> sound_normal : always [guard]\n");
  expect(text).toContain("sound_muted --> sound_last : any event\n");
  expect(text).toContain("track_loading --> track_playing : done\n");
  expect(text).toContain("track_loading --> track_loading : error / action\n");
});

test("a long description becomes a short note: its first sentence, whole clauses, or whole words", () => {
  const describe = (description: string): string | undefined =>
    toMermaid(createMachine({ id: "m", initial: "a", states: { a: { description } } }))
      .split("\n")[4]
      ?.trim();
  expect(describe("First. Second.")).toBe("First");
  expect(describe(`Takes the block apart page by page; ${"and then on and on ".repeat(5)}`)).toBe(
    "Takes the block apart page by page",
  );
  expect(describe("word ".repeat(20))).toBe(`${"word ".repeat(11).trim()}…`);
  expect(describe("x".repeat(80))).toBe(`${"x".repeat(59)}…`);
});

test("what Mermaid would read as its own is escaped", () => {
  const machine = createMachine({
    id: "odd one",
    initial: "a b",
    states: {
      "a b": { description: "<b> # %% ok; really: yes", on: { 'x:y;"z" <i> {q} #1': "end" } },
      end: {},
      state: { initial: "end", states: { end: {} } },
    },
  });
  const text = toMermaid(machine);
  expect(text).toContain('state "a b" as a_b\n');
  expect(text).toContain("a_b --> end_2 : x#58;y#59;#34;z#34; #60;i#62; #123;q#125; #35;1\n");
  expect(text).toContain("        #60;b#62; #35; #37;% ok; really: yes\n");
  // `end` and `state` are words of the language; `state_end` is what Mermaid calls the final mark in a box named `state`.
  expect(text).toContain('state "state" as state_2 {\n        state "end" as state_end_\n');
});

test("actions and invoked actors stand in notes and on the way, history states are H and H*, as in UML", () => {
  const text = toMermaid(recorder);
  expect(text).toContain(`    note right of working
        entry / open, perform(check, 3)
        invoke disk as writer
        invoke clock
        exit / close, action
    end note
`);
  expect(text).toContain('state "H* last" as working_head_last\n');
  expect(text).toContain('state "H back" as working_tape_back\n');
  expect(text).toContain("working_head_last --> working_head_up : at first\n");
  expect(text).toContain("idle --> working : GO [and(isReady, not(isFull))] / count, assign\n");
  expect(toMermaid(recorder, { actions: false })).not.toMatch(/ \/ |invoke/);
});

test("the states that the machine is in are marked, also nested in parallel ones, by a snapshot's value", () => {
  const text = toMermaid(recorder, { current: { working: { head: "down", tape: { running: "fast" } } } });
  expect(text.split("\n").filter((line) => line.startsWith("    class "))).toEqual([
    "    class working_head_down current",
    "    class working_tape_running_fast current",
  ]);
  expect(toMermaid(recorder)).not.toContain("classDef");
});
