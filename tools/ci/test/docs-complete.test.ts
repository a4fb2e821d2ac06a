import { expect, test } from "vitest";
import { eventTypes, missingWords } from "../src/docs/complete.ts";

test("a page that does not have a word of its registry is told, and a part of another word does not count", () => {
  const pages = new Map([["reference/operations.html", '<h2 id="dimm_add">dimm_add</h2><code>--out-file</code>']]);
  const wanted = { "reference/operations.html": ["dimm_add", "dimm", "--out"], "extend/kernel.html": ["pages"] };
  expect(missingWords(pages, wanted)).toEqual([
    "reference/operations.html says nothing of dimm",
    "reference/operations.html says nothing of --out",
    "extend/kernel.html is not there",
  ]);
});

test("the types of events are read from the declaration of their union", () => {
  expect(
    eventTypes('type EventBody = { readonly type: "load"; } | { readonly type: "refusal"; readonly by?: string };'),
  ).toEqual(["load", "refusal"]);
});
