import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { type Lesson, lessons } from "../../src/lessons/lesson-list.ts";
import { servedConsole } from "./served-console.ts";
import { deviceScene } from "./views/devices.ts";
import { documentScene } from "./views/documents.ts";
import { type Hands, isReady } from "./views/hands.ts";
import { keyboard } from "./views/keyboard.ts";
import { machineScene } from "./views/machine.ts";
import { button } from "./views/places.ts";

const { openAt } = servedConsole();

/** Where somebody who types goes on from; the page's body is nowhere. */
const isNowhere = (page: Page): Promise<boolean> => page.evaluate(() => document.activeElement === document.body);

async function typing(): Promise<{ readonly page: Page; readonly hands: Hands }> {
  const page = await openAt("", { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  // On a computer that has other tests to run.
  page.setDefaultTimeout(60_000);
  return { page, hands: keyboard(page) };
}

test("a lesson goes by keyboard alone", { timeout: 100_000 }, async () => {
  const { page, hands } = await typing();
  const [{ title }] = lessons as [Lesson];
  await hands.press(button(page, title));
  const lesson = page.getByRole("region", { name: "Lesson" });
  await lesson.getByRole("heading", { name: title }).waitFor();
  for (const step of ["2 of", "3 of"]) {
    await hands.press(lesson.getByRole("button", { name: "Go on" }));
    await lesson.getByText(step).waitFor();
    await isReady(page);
    expect(await isNowhere(page)).toBe(false);
  }
});

test.each([machineScene, deviceScene, documentScene])(
  "the tour of $name goes by keyboard alone",
  { timeout: 300_000 },
  async ({ views }) => {
    const { page, hands } = await typing();
    const lost: string[] = [];
    for (const { name, by, show, leave } of views) {
      if (by === "pointer" || name.startsWith("lesson")) continue;
      try {
        await show(hands);
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
      }
      if (name !== "start" && (await isNowhere(page))) lost.push(name);
      await leave?.(hands);
    }
    expect(lost).toEqual([]);
  },
);
