import { type ActorCandidate, type ActorChoice, isChosen } from "@memhp/inspect";
import { expect, test } from "vitest";

const lamp40: ActorCandidate = {
  id: "lamp-40",
  group: "street-3",
  attributes: { number: 40, street: 3, colour: "red" },
  states: ["on.dim"],
};

test.each<[string, ActorChoice, boolean]>([
  ["nothing said: all", {}, true],
  ["an id", { ids: ["lamp-1", "lamp-40"] }, true],
  ["another id", { ids: ["lamp-4"] }, false],
  ["a number", { attributes: { number: [40] } }, true],
  [
    "a range, both ends included",
    {
      attributes: {
        number: [
          [1, 9],
          [32, 40],
        ],
      },
    },
    true,
  ],
  ["a range elsewhere", { attributes: { number: [[41, 50]] } }, false],
  ["a word", { attributes: { colour: ["red", "blue"] } }, true],
  ["a range of an attribute that is a word", { attributes: { colour: [[0, 9]] } }, false],
  ["an attribute that it lacks", { attributes: { size: [1] } }, false],
  ["two attributes of which one differs", { attributes: { number: [40], street: [4] } }, false],
  ["a state", { states: ["on.dim"] }, true],
  ["a state around it", { states: ["on"] }, true],
  ["a state of which the name begins alike", { states: ["o", "on.d"] }, false],
  ["one of several filters", [{ states: ["off"] }, { ids: ["lamp-40"] }], true],
  ["no filter at all", [], false],
])("chosen by %s", (_name, choice, expected) => {
  expect(isChosen(choice, lamp40)).toBe(expected);
});

test("an actor in parallel states is chosen by any of them", () => {
  expect(isChosen({ states: ["track"] }, { ...lamp40, states: ["sound.muted", "track.playing"] })).toBe(true);
});
