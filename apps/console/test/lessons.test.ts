import { readFileSync } from "node:fs";
import { ruleSources, sectionOf } from "@memhp/abi";
import { describe, expect, test } from "vitest";
import { lessons } from "../src/lessons/lesson-list.ts";
import { toldLessons } from "../src/lessons/lessons.ts";
import { glossary, piecesOf } from "../src/words/glossary.ts";
import { openDocument } from "../src/replay/replay.ts";

describe("lessons", () => {
  test.each(lessons.map((lesson) => [lesson.title, lesson] as const))(
    "%s: a recorded run, told at steps that it has",
    async (_title, lesson) => {
      const url = new URL(`../../../tools/conformance/kernel-traces/${lesson.file}`, import.meta.url);
      const { document, comparison } = await openDocument(readFileSync(url, "utf8"), lesson.file);
      expect(document.name).toBe(lesson.name);
      expect(comparison?.differences).toEqual([]);
      const told = toldLessons.find(({ name }) => name === lesson.name)?.told ?? [];
      const steps = told.map(({ step }) => step);
      expect(steps).toEqual([...new Set(steps)].toSorted((a, b) => a - b));
      expect(steps[0]).toBe(0);
      expect(steps.at(-1)).toBeLessThanOrEqual(document.steps.length);
      for (const { text } of told)
        for (const [, term = ""] of text.matchAll(/\[([^\]]+)\]/g))
          expect({ term, known: term in glossary }).toEqual({ term, known: true });
    },
  );
});

describe("the glossary", () => {
  test("each term's fact is a section that there is", () => {
    for (const [term, { facts }] of Object.entries(glossary)) {
      if (facts === undefined) continue;
      const [source] = ruleSources(facts);
      const url = new URL(`../../../tools/conformance/facts/${source?.document}.md`, import.meta.url);
      const found = sectionOf(readFileSync(url, "utf8"), source?.section ?? "") !== undefined;
      expect({ term, facts, found }).toEqual({ term, facts, found: true });
    }
  });

  test("terms are found as words, in the plural too, each once, and not inside of paths and names", () => {
    expect(piecesOf("Every pageblock becomes MIGRATE_ISOLATE; blocks of ZONE_MOVABLE, a block.")).toEqual([
      "Every ",
      "pageblock",
      " becomes ",
      "MIGRATE_ISOLATE",
      "; ",
      "block",
      "s of ",
      "ZONE_MOVABLE",
      ", a block.",
    ]);
    expect(piecesOf("memory32/online and online_pages, going-offline")).toEqual([
      "memory32/online and online_pages, going-offline",
    ]);
  });
});
