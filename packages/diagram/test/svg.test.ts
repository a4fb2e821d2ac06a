import { diagramModel, toSvg } from "@memhp/diagram";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type AnyStateMachine, createActor, createMachine } from "xstate";
import { light, player, recorder } from "./machines.ts";
import { contains, type Drawing, outlineOf, overlap, readSvg, rectOf } from "./svg-reader.ts";

test("the same machine gives the same bytes, also from a machine made anew", () => {
  const again = createMachine(light.config as never) as AnyStateMachine;
  expect(toSvg(again)).toBe(toSvg(light));
  expect(toSvg(light, { current: "red.walk", theme: "dark" })).toBe(
    toSvg(light, { current: ["red.walk"], theme: "dark" }),
  );
});

test("a picture says in words what it shows", () => {
  const svg = toSvg(light, { current: "red.wait" });
  expect(svg).toContain('role="img" aria-labelledby="statechart-light-title statechart-light-desc"');
  expect(svg).toContain(
    '<title id="statechart-light-title">Statechart light: A traffic light with a walk signal.</title>',
  );
  expect(svg).toContain(
    "green (initial): TIMER to yellow, after 5000 ms to yellow. yellow: TIMER to red. red (current): TIMER to green, BROKEN to dark. red.walk (initial): PED to red.wait. red.wait (current): ",
  );
  expect(svg).toContain(
    "<title>light.green — TIMER → light.yellow; light.green — after 5000 ms → light.yellow</title>",
  );
});

test("two pictures on one page can have ids of their own", () => {
  expect(toSvg(light, { idPrefix: "left" })).toContain('<title id="left-title">');
});

test("states, events and descriptions are text", () => {
  const svg = toSvg(light);
  for (const text of ["green", "walk", "BROKEN", "Cars drive.", "after 5000 ms"])
    expect(svg).toContain(`>${text}</text>`);
  expect(toSvg(light, { descriptions: false })).not.toContain(">Cars drive.</text>");
});

test("the current state is marked by a word, and the boxes around it and the ways out of it stand out", () => {
  const svg = toSvg(light, { current: "red.walk" });
  expect(svg.match(/>current</g)).toHaveLength(1);
  const strong = /stroke="#b45309"/;
  const drawn = (start: string): string => svg.split("\n").find((line) => line.startsWith(start)) ?? "";
  expect(drawn('<g data-state="red.walk"')).toMatch(strong);
  expect(drawn('<g data-state="red"')).toMatch(strong);
  expect(drawn('<g data-state="green"')).not.toMatch(strong);
  expect(drawn('<g data-source="light.red.walk"')).toMatch(strong);
  expect(drawn('<g data-source="light.red"')).toMatch(strong);
  expect(drawn('<g data-source="light.green"')).not.toMatch(strong);
});

test("parallel states can both be current", () => {
  expect(toSvg(player, { current: ["sound.muted", "track.playing"] }).match(/>current</g)).toHaveLength(2);
});

test("a snapshot's value says which are current, nested and parallel; a state without inner ones named is marked itself", () => {
  const value = { working: { head: "down", tape: { running: "fast" } } };
  expect(toSvg(recorder, { current: value })).toBe(
    toSvg(recorder, { current: ["working.head.down", "working.tape.running.fast"] }),
  );
  expect(toSvg(recorder, { current: value }).match(/>current</g)).toHaveLength(2);
  expect(toSvg(recorder, { current: "working.tape.running" }).match(/>current</g)).toHaveLength(1);
  expect(toSvg(recorder, { current: createActor(recorder).start().getSnapshot().value })).toContain(
    "idle (initial, current)",
  );
});

test("what states do is drawn and said, and can be left out", () => {
  const svg = toSvg(recorder);
  for (const text of ["entry / open, perform(check, 3)", "invoke disk as writer", "H* last", "at first"])
    expect(svg).toContain(`>${text}</text>`);
  expect(svg).toContain("working.head.last (deep history): at first to working.head.up.");
  expect(svg).toContain("working (parallel): entry / open, perform(check, 3), invoke disk as writer,");
  expect(toSvg(recorder, { actions: false })).not.toMatch(/ \/ |invoke/);
});

test("what a machine says of a state besides is in the model, and a title of its box", () => {
  const machine = createMachine({
    id: "m",
    initial: "a",
    states: { a: { description: "First.", meta: { made: ["x", "y"], of: "<z>", weight: 3 } } },
  });
  expect(diagramModel(machine).states[0]?.meta).toEqual({ made: ["x", "y"], of: "<z>", weight: 3 });
  expect(toSvg(machine)).toContain('<g data-state="a"><title>First.\nmade: x, y\nof: &lt;z&gt;</title>');
});

test("a state that the machine does not have cannot be current", () => {
  expect(() => toSvg(light, { current: "blue" })).toThrow(new RangeError('the machine "light" has no state "blue"'));
});

test("light and dark differ in colours only", () => {
  const without = (svg: string): string => svg.replaceAll(/#[0-9a-f]{6}/g, "");
  expect(without(toSvg(light, { theme: "dark" }))).toBe(without(toSvg(light)));
  expect(toSvg(light, { theme: "dark" })).not.toBe(toSvg(light));
});

test("inner states lie in the box of the outer one, and no two boxes overlap otherwise", () => {
  const { boxes } = readSvg(toSvg(light));
  expect(boxes.size).toBe(7);
  for (const [path, box] of boxes) {
    for (const [other, otherBox] of boxes) {
      if (path === other) continue;
      if (path.startsWith(`${other}.`)) expect(contains(otherBox, box)).toBe(true);
      else if (!other.startsWith(`${path}.`)) expect(overlap(box, otherBox)).toBe(false);
    }
  }
});

test("names that would be markup are escaped", () => {
  const machine = createMachine({
    id: "m",
    initial: "a<b",
    states: { "a<b": { description: '<script>"&', on: { '<x y="z">&': "a<b" } } },
  });
  const svg = toSvg(machine);
  expect(svg).toContain('data-state="a&lt;b"');
  expect(svg).toContain('data-event="&lt;x y=&quot;z&quot;&gt;&amp;"');
  expect(svg).not.toContain("<script>");
});

test.each([
  ["light", light],
  ["player", player],
  ["recorder", recorder],
])("no label of %s lies on another one, on a line or on a box", (_name, machine) => {
  expect(faults(readSvg(toSvg(machine)))).toEqual([]);
});

test("no label lies on another one, on a line or on a box, whatever the machine", () => {
  fc.assert(
    fc.property(machines(), (machine) => {
      expect(faults(readSvg(toSvg(machine)))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** What makes a picture hard to read. */
function faults({ sheet, labels, boxes, lines }: Drawing): string[] {
  const found: string[] = [];
  const walls = [...boxes.values()].flatMap(outlineOf).map(rectOf);
  for (const [i, label] of labels.entries()) {
    if (!contains(sheet, label)) found.push(`${label.text} is not on the sheet`);
    for (const other of labels.slice(i + 1))
      if (overlap(label, other)) found.push(`${label.text} lies on ${other.text}`);
    if (lines.some((line) => overlap(label, rectOf(line)))) found.push(`${label.text} lies on a line`);
    if (walls.some((wall) => overlap(label, wall))) found.push(`${label.text} lies on a box`);
  }
  return found;
}

interface Sketch {
  readonly type: "atomic" | "compound" | "parallel";
  readonly children: readonly Sketch[];
}

/** Machines of any shape: up to three levels, transitions from anywhere to anywhere. */
function machines(): fc.Arbitrary<AnyStateMachine> {
  const { sketch } = fc.letrec<{ sketch: Sketch }>((tie) => ({
    sketch: fc.record({
      type: fc.constantFrom("compound", "compound", "parallel"),
      children: fc.oneof(
        { depthSize: "small", maxDepth: 2 },
        fc.constant([]),
        fc.array(tie("sketch"), { minLength: 1, maxLength: 4 }),
      ),
    }),
  }));
  const edge = fc.tuple(fc.nat(), fc.nat(), fc.constantFrom("GO", "A_LONGER_EVENT", "x"), fc.boolean());
  return fc
    .tuple(fc.array(sketch, { minLength: 1, maxLength: 5 }), fc.array(edge, { maxLength: 16 }))
    .map(([children, edges]) => machineOf(children, edges));
}

interface Config {
  type?: "parallel";
  initial?: string;
  description?: string;
  states?: Record<string, Config>;
  on?: Record<string, { target: string; reenter: boolean }[]>;
}

function machineOf(
  children: readonly Sketch[],
  edges: readonly (readonly [number, number, string, boolean])[],
): AnyStateMachine {
  const all: { id: string; config: Config }[] = [];
  const configOf = (id: string, { type, children }: Sketch): Config => {
    const config: Config = { description: `What ${id} is, in a few words`, on: {} };
    all.push({ id, config });
    if (children.length === 0) return config;
    config.states = Object.fromEntries(children.map((child, i) => [`s${i}`, configOf(`${id}.s${i}`, child)]));
    if (type === "parallel") config.type = "parallel";
    else config.initial = `s${children.length - 1}`;
    return config;
  };
  const config = configOf("m", { type: "compound", children });
  for (const [from, to, event, reenter] of edges) {
    const source = all[from % all.length] as { config: Config };
    const target = all[to % all.length] as { id: string };
    const name = `${event}_${Object.keys(source.config.on ?? {}).length}`;
    source.config.on = { ...source.config.on, [name]: [{ target: `#${target.id}`, reenter }] };
  }
  return createMachine({ id: "m", ...config } as never) as AnyStateMachine;
}
