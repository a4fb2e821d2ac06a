import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { lessons } from "../../src/lessons/lesson-list.ts";
import { servedConsole } from "./served-console.ts";
import { deviceScene } from "./views/devices.ts";
import { documentScene } from "./views/documents.ts";
import { isReady } from "./views/hands.ts";
import { keyboard } from "./views/keyboard.ts";
import { machineScene } from "./views/machine.ts";
import { button } from "./views/places.ts";

const { openAt } = servedConsole();

/** Where somebody who types goes on from; the page's body is nowhere. */
const isNowhere = (page: Page): Promise<boolean> => page.evaluate(() => document.activeElement === document.body);

test("the whole tour goes by keyboard alone", { timeout: 300_000 }, async () => {
  const page = await openAt("", { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  // One page for all, on a computer that has other tests to run.
  page.setDefaultTimeout(60_000);
  const hands = keyboard(page);
  const lost: string[] = [];
  const lookedAt = async (name: string): Promise<void> => {
    if (await isNowhere(page)) lost.push(name);
  };
  const [first = { title: "" }] = lessons;
  await hands.press(button(page, first.title));
  const lesson = page.getByRole("region", { name: "Lesson" });
  await lesson.getByRole("heading", { name: first.title }).waitFor();
  for (const step of ["2 of", "3 of"]) {
    await hands.press(lesson.getByRole("button", { name: "Go on" }));
    await lesson.getByText(step).waitFor();
    await isReady(page);
    await lookedAt(`lesson: ${step}`);
  }
  for (const { name: scene, views } of [machineScene, deviceScene, documentScene])
    for (const { name, by, show, leave } of views) {
      if (by === "pointer" || name === "start" || name.startsWith("lesson")) continue;
      try {
        await show(hands);
      } catch (error) {
        throw new Error(`${scene}: ${name}: ${(error as Error).message}`, { cause: error });
      }
      await lookedAt(`${scene}: ${name}`);
      await leave?.(hands);
    }
  expect(lost).toEqual([]);
});
