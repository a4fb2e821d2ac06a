import { expect, test } from "vitest";
import { type Lesson, lessons } from "../../src/lessons/lesson-list.ts";
import { servedConsole } from "./served-console.ts";
import { isReady } from "./views/hands.ts";
import { isNowhere, keyboard } from "./views/keyboard.ts";
import { button } from "./views/places.ts";

const { openAt } = servedConsole();

// The tours that go by keyboard alone are in every-view.test.ts.
test("a lesson goes by keyboard alone", { timeout: 100_000 }, async () => {
  const page = await openAt("", { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  // On a computer that has other tests to run.
  page.setDefaultTimeout(60_000);
  const hands = keyboard(page);
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
