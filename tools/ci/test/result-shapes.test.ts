import { expect, test } from "vitest";
import { wrongResultShapes } from "../src/api/result-shapes.ts";
import type { ApiExport } from "../src/api/walk.ts";

function wrong(declaration: string): readonly string[] {
  const said: ApiExport = {
    name: "Answer",
    kind: "type",
    doc: "",
    throws: [],
    returns: "",
    declaration,
    source: "packages/notifier/src/chain.ts",
    numbers: [],
  };
  // Exceptions that no export needs are told too; here there is but one export.
  return wrongResultShapes([{ entry: "@memhp/notifier", exports: [said] }]).filter((what) => what.includes(" Answer:"));
}

test("what may be refused has a refusal, wherever it stands", () => {
  expect(wrong("type Answer = { ok: true; value: number } | { ok: false; refusal: Refusal };")).toEqual([]);
  expect(wrong("interface Answer { readonly errno: Errno | 0; readonly refusal?: Refusal; }")).toEqual([]);
  expect(wrong('type Answer = { ok: false; why: "EEXIST" };')).toEqual([
    "@memhp/notifier Answer: `ok: false` without `refusal`",
  ]);
  expect(wrong("interface Answer { readonly writes: readonly { errno: Errno }[]; }")).toEqual([
    "@memhp/notifier Answer: `errno` without `refusal`",
  ]);
  expect(wrong("interface Answer { error: string }")).toEqual(["@memhp/notifier Answer: `error` instead of `refusal`"]);
  expect(wrong("function Answer(path: string): Promise<Errno | 0>;")).toEqual([
    "@memhp/notifier Answer: answers a bare errno",
  ]);
});
