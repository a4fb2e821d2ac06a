import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { violations } from "./axe.ts";
import { servedConsole } from "./served-console.ts";
import { pagesCode } from "./views/code.ts";
import { pointer } from "./views/hands.ts";
import { isNowhere, keyboard } from "./views/keyboard.ts";
import { tours } from "./views/tours.ts";

/** A phone, one on its side, a laptop, a large screen. */
const sizes = [
  { width: 390, height: 844 },
  { width: 844, height: 390 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;
const themes = ["light", "dark"] as const;
const looks = sizes.flatMap((size) => themes.map((theme) => ({ ...size, theme })));
type Look = (typeof looks)[number];

const sides = ["machine", "block"] as const;

/** In which views are shown before they are looked at. */
const laptop = sizes[2];

/**
 * `pnpm check browser` names a folder: then each view is looked at in every way, which is too slow for every day, and pictures are kept.
 * All is shown by the pointer then; from day to day, what the keyboard can show is shown by the keyboard.
 */
const folder = process.env["MEMHP_SCREENSHOTS"];

const { folder: pageFolder, openOnceAt } = servedConsole();

describe("every view", { timeout: folder === undefined ? 300_000 : 1_800_000 }, () => {
  const asked = new Set<string>();
  let number = 0;

  describe.each(tours)("at /$at", ({ at, scenes, ...options }) => {
    const opened = openOnceAt(at, {
      ...options,
      viewport: laptop,
      reducedMotion: "reduce",
      onRequest: (url) => asked.add(url),
    });

    test.each(scenes)(
      "of $name: axe finds nothing, and nothing is cut off",
      async ({ name, goesByKeyboard, views }) => {
        const page = opened();
        // On a computer that has other tests to run.
        page.setDefaultTimeout(60_000);
        const found: object[] = [];
        for (const view of views) {
          const isTyped = goesByKeyboard === true && folder === undefined && view.by !== "pointer";
          const hands = isTyped ? keyboard(page) : pointer(page);
          try {
            await view.show(hands);
          } catch (error) {
            throw new Error(`${view.name}: ${(error as Error).message}`, { cause: error });
          }
          if (isTyped && view.name !== "start" && (await isNowhere(page)))
            found.push({ view: view.name, focus: "nowhere" });
          // Every day each view is seen in one way, its neighbours in others.
          const first = (number++ * 3) % looks.length;
          const ways = folder === undefined ? looks.slice(first, first + 1) : looks;
          for (const [i, way] of ways.entries()) {
            await lookAt(page, way);
            const exclude = folder === undefined ? sides.filter((side) => view.sides?.includes(side) !== true) : [];
            const wrong = await violations(page, {
              which: i === 0 ? "all" : "looks",
              exclude: exclude.map((side) => `#${side}`),
            });
            const wide = await page.evaluate(() => document.documentElement.scrollWidth);
            if (wrong.length > 0 || wide > way.width) found.push({ view: view.name, ...way, wrong, wide });
            if (folder !== undefined) await keep(page, `${name} ${view.name}`, way);
          }
          await page.setViewportSize(laptop);
          await view.leave?.(hands);
        }
        expect(found).toEqual([]);
      },
    );
  });

  test("together they bring all code of the page", () => {
    const came = new Set([...asked].map((url) => url.replace(/^.*\//, "")));
    expect(pagesCode(pageFolder()).filter((file) => !came.has(file))).toEqual([]);
  });
});

async function lookAt(page: Page, { width, height, theme }: Look): Promise<void> {
  await Promise.all([page.emulateMedia({ colorScheme: theme }), page.setViewportSize({ width, height })]);
  // What is drawn anew is drawn at the next frame, and at the one after where its size has to be known first.
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn)))),
  );
}

async function keep(page: Page, name: string, { width, theme }: Look): Promise<void> {
  mkdirSync(folder as string, { recursive: true });
  const file = `${name.replaceAll(/\W+/g, "-")}-${width}-${theme}.png`;
  await page.screenshot({ path: `${folder}/${file}` });
}
