import { describe, expect, test } from "vitest";
import { isReady, outcome, picture, write } from "./open-page.ts";
import { servedConsole } from "./served-console.ts";

const { open, openOnce } = servedConsole();

describe("hands", { timeout: 20_000 }, () => {
  const opened = openOnce();

  test("every control has a name", async () => {
    const page = opened();
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll("button, input, select, [tabindex='0']")]
        .filter((element) => {
          const labels = (element as HTMLInputElement).labels;
          const name =
            element.getAttribute("aria-label") ??
            (labels !== null && labels !== undefined && labels.length > 0
              ? labels[0]?.textContent
              : element.textContent);
          return (name ?? "").trim() === "";
        })
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    expect(nameless).toEqual([]);
  });

  test("a drag with the mouse chooses blocks", async () => {
    const page = opened();
    const box = await page.getByRole("application", { name: "Block map" }).boundingBox();
    if (box === null) throw new Error("no map");
    await page.mouse.move(box.x + 30, box.y + 60);
    await page.getByRole("status", { name: "Block under the pointer" }).getByText("memory0 ").waitFor();
    await page.mouse.down();
    await page.mouse.move(box.x + 150, box.y + 65, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => page.getByRole("textbox", { name: "Blocks" }).inputValue()).toMatch(/^0-[2-6]$/);
  });

  test("nothing is cut off on a narrow page", async () => {
    const page = opened();
    await page.setViewportSize({ width: 1024, height: 768 });
    await write(page, "59", "online_movable");
    await picture(page, "narrow");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1024);
  });

  test("everything can be done with the keyboard alone", async () => {
    const page = await open();
    const focusOn = async (name: string, key = "Tab"): Promise<void> => {
      for (let i = 0; i < 120; i++) {
        await page.keyboard.press(key);
        const focused = await page.evaluate(
          () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "",
        );
        if (focused === name) return;
      }
      throw new Error(`${name} cannot be reached with ${key}`);
    };
    await page.getByRole("button", { name: "Insert DIMM" }).waitFor();
    await focusOn("Insert DIMM");
    await page.keyboard.press("Enter");
    await isReady(page);
    await page.getByText("32 of 56 blocks").waitFor();
    await focusOn("Block map");
    await page.keyboard.press("End");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Shift+ArrowLeft");
    await expect.poll(() => page.getByRole("textbox", { name: "Blocks" }).inputValue()).toBe("61-63");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Space");
    await expect.poll(() => page.getByRole("textbox", { name: "Blocks" }).inputValue()).toBe("");
    await page.keyboard.press("End");
    await page.keyboard.press("Shift+ArrowLeft");
    await focusOn("online_kernel", "Shift+Tab");
    await page.keyboard.press("Enter");
    await expect.poll(() => outcome(page)).toContain("→ 2 of 2 onlined");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
    expect(outline).toBe("solid");
    await focusOn("Events");
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab", { name: "Charts", exact: true }).getAttribute("aria-selected")).toBe("true");
  });

  test("light, dark and the system's choice", async () => {
    // The test looks at the canvas until it is drawn anew.
    const page = await open({ colorScheme: "dark", tolerates: /willReadFrequently/ });
    const sheet = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.querySelector(".bench") as Element).backgroundColor);
    expect(await sheet()).toBe("rgb(16, 22, 31)");
    await picture(page, "dark");
    await page.getByLabel("Theme").selectOption("light");
    await expect.poll(sheet).toBe("rgb(255, 255, 255)");
    await picture(page, "light");
    const corner = (): Promise<number[]> =>
      page.evaluate(() => [
        ...(document.querySelector(".map-scroller canvas") as HTMLCanvasElement)
          .getContext("2d")!
          .getImageData(2, 2, 1, 1).data,
      ]);
    await expect.poll(corner).toEqual([255, 255, 255, 255]);
    await page.reload();
    await isReady(page);
    expect(await sheet()).toBe("rgb(255, 255, 255)");
  });
});
