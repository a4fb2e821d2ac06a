import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { lessons } from "../src/lessons/lesson-list.ts";
import { glossary, toldLessons } from "../src/lessons/lessons.ts";
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
