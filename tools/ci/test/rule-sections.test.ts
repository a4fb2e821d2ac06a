import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ruleSources, sectionOf } from "../../../packages/abi/src/index.ts";

test("every section that a rule of the source names is there", () => {
  const root = new URL("../../../", import.meta.url);
  const texts = new Map<string, string>();
  const dead: string[] = [];
  for (const file of globSync("{packages,apps}/*/src/**/*.{ts,tsx}", { cwd: root }))
    for (const { document, section } of ruleSources(readFileSync(new URL(file, root), "utf8"))) {
      const text = texts.get(document) ?? readFileSync(new URL(`tools/conformance/facts/${document}.md`, root), "utf8");
      texts.set(document, text);
      if (sectionOf(text, section) === undefined) dead.push(`${file}: ${document} §${section}`);
    }
  expect(dead).toEqual([]);
  expect(texts.size).toBeGreaterThan(2);
});
