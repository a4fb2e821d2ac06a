import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { bootNodes, isReady, outcome, picture, write } from "./open-page.ts";
import { servedConsole } from "./served-console.ts";

const { open, openOnce } = servedConsole();

/** Two fingers on the map, from one distance to another. */
async function pinch(page: Page, from: number, to: number): Promise<void> {
  const box = await page.locator(".map-scroller").boundingBox();
  if (box === null) throw new Error("no map");
  const client = await page.context().newCDPSession(page);
  const [x, y] = [box.x + box.width / 3, box.y + box.height / 3];
  const fingers = (apart: number) => [
    { x: x - apart / 2, y, id: 1 },
    { x: x + apart / 2, y, id: 2 },
  ];
  await client.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(from) });
  for (let i = 1; i <= 6; i++)
    await client.send("Input.dispatchTouchEvent", {
      type: "touchMove",
      touchPoints: fingers(from + ((to - from) * i) / 6),
    });
  await client.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

describe("the map", { timeout: 90_000 }, () => {
  test("goes from nodes to devices, blocks and pages, by keyboard, fingers and overview", async () => {
    const page = await open({ hasTouch: true });
    await bootNodes(page, 8, "2G", "6G");
    const canvas = page.locator(".map-scroller canvas");
    const cell = async (): Promise<number> => Number(await canvas.getAttribute("data-cell"));
    const whole = page.getByRole("group", { name: "Whole machine as" });

    await whole.getByRole("button", { name: "nodes" }).click();
    const nodes = page.getByRole("application", { name: "Node map" });
    await nodes.press("ArrowRight");
    await page.getByRole("status", { name: "node under the pointer" }).getByText("node 1: 64 blocks").waitFor();
    await page.getByLabel("Tiles show").selectOption("free");
    await page.getByText(/node 1: .* \d+ % free/).waitFor();
    await whole.getByRole("button", { name: "devices" }).click();
    const devices = page.getByRole("application", { name: "Device map" });
    for (let i = 0; i < 3; i++) await devices.press("ArrowRight");
    await devices.press("Enter");
    await page.getByRole("navigation", { name: "Levels of the map" }).getByText("n1d0").waitFor();

    const blocks = page.getByRole("application", { name: "Block map" });
    await blocks.press("Backspace");
    await blocks.press("Backspace");
    await expect.poll(() => canvas.getAttribute("data-fits")).toBe("true");
    const fit = await cell();
    await pinch(page, 60, 240);
    await expect.poll(cell).toBeGreaterThan(fit);
    await page.locator(".minimap canvas").waitFor();
    await picture(page, "overview");
    const scroller = page.locator(".map-scroller");
    const top = (): Promise<number> => scroller.evaluate((element) => element.scrollTop);
    await blocks.press("Alt+Home");
    await expect.poll(top).toBe(0);
    await blocks.press("PageDown");
    await expect.poll(top).toBeGreaterThan(0);
    const overview = await page.locator(".minimap").boundingBox();
    await page.mouse.click((overview?.x ?? 0) + 5, (overview?.y ?? 0) + 5);
    await expect.poll(top).toBeLessThan(60);
    await pinch(page, 240, 60);
    await expect.poll(cell).toBe(fit);
    await blocks.press("+");
    await expect.poll(cell).toBeGreaterThan(fit);
    await blocks.press("0");
    await expect.poll(cell).toBe(fit);
  });

  test("is seen on a phone without scrolling, and does not move while something is under way", async () => {
    const page = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const map = page.locator(".map-scroller");
    const before = await map.boundingBox();
    // The name, the machine in numbers, what can be done to blocks: the map begins in the upper third.
    expect(before?.y).toBeLessThan(844 / 3);
    expect((before?.y ?? 844) + (before?.height ?? 0)).toBeLessThan(844);
    expect(before?.height).toBeGreaterThan(250);
    await page.getByLabel("Nodes", { exact: true }).fill("256");
    await page.getByRole("button", { name: "Boot" }).click();
    await page.locator(".numbers").getByText("256", { exact: true }).waitFor();
    await isReady(page);
    await page.evaluate(() => scrollTo(0, 0));
    expect((await map.boundingBox())?.y).toBe(before?.y);
  });

  test("blocks as a table: the same filter and selection, by keyboard", async () => {
    const page = await open({ forcedColors: "active", reducedMotion: "reduce" });
    await page.getByRole("group", { name: "Whole machine as" }).getByRole("button", { name: "table" }).click();
    const table = page.getByRole("grid", { name: "Blocks as a table" });
    await page.getByRole("button", { name: "Filter and layers" }).click();
    const filter = page.getByRole("form", { name: "Filter of the map" });
    await filter.getByLabel("state").selectOption("offline");
    await filter.getByText("16 of 48").waitFor();
    await expect.poll(() => table.getAttribute("aria-rowcount")).toBe("17");
    await table.getByRole("button", { name: "block" }).click();
    await table.press("Home");
    await table.press("Shift+ArrowDown");
    const chosen = page.getByRole("textbox", { name: "Blocks", exact: true });
    await expect.poll(() => chosen.inputValue()).toBe("62-63");
    await page.getByRole("button", { name: "online_kernel", exact: true }).click();
    await expect.poll(() => table.getAttribute("aria-rowcount")).toBe("15");
    await picture(page, "table");
    await page.getByRole("group", { name: "Whole machine as" }).getByRole("button", { name: "blocks" }).click();
    await picture(page, "forced-colours");
    await filter.getByRole("button", { name: "Choose them" }).click();
    await expect.poll(() => chosen.inputValue()).toBe("48-61");
    const layers = page.getByRole("region", { name: "Layers of the map" });
    await layers.getByRole("button", { name: "Forecast of all blocks on the map" }).click();
    await layers.getByText(/\d+ would go offline/).waitFor();
    await layers.getByLabel("Free").fill("256M");
    await layers.getByRole("button", { name: "Plan" }).click();
    await layers.getByRole("list", { name: "Blocks in order" }).waitFor();
    await picture(page, "layers");
  });
});

describe("the map of another machine", { timeout: 90_000 }, () => {
  const opened = openOnce();

  test("a refusal is lit where it happens, and what would help is a button that does it", async () => {
    const page = opened();
    await page.emulateMedia({ colorScheme: "dark" });
    await page.getByLabel("Kernel", { exact: true }).selectOption("4.1");
    await page.getByRole("button", { name: "Boot" }).click();
    await page.locator(".numbers").getByText("4.1", { exact: true }).waitFor();
    await isReady(page);
    expect(await write(page, "62", "online_movable")).toContain("EINVAL");
    const answer = page.getByRole("status", { name: "Outcome" });
    await picture(page, "border-of-zones");
    await answer.getByRole("button", { name: "Online memory63 as movable" }).click();
    await expect.poll(() => outcome(page)).toContain("memory63");
    await isReady(page);
    expect(await write(page, "62", "online_movable")).toContain("→ ok");
    await page.getByRole("button", { name: "kernel pages" }).click();
    await isReady(page);
    expect(await write(page, "62", "offline")).toContain("EBUSY");
    await answer.getByRole("button", { name: "Show these pages of memory62" }).click();
    await page.getByText("The last refusal named pages in one pageblock").waitFor();
  });

  test("fits many nodes at every size, and finds places in them", async () => {
    const page = opened();
    await bootNodes(page, 130, "512M", "3584M");
    const canvas = page.locator(".map-scroller canvas");
    for (const [width, height] of [
      [390, 844],
      [844, 390],
      [1280, 800],
      [1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.getByRole("group", { name: "Whole machine as" }).getByRole("button", { name: "nodes" }).click();
      await page.getByRole("application", { name: "Node map" }).waitFor();
      await expect
        .poll(() => page.locator(".map-scroller").evaluate((element) => element.scrollHeight - element.clientHeight))
        .toBe(0);
      await page.getByRole("group", { name: "Whole machine as" }).getByRole("button", { name: "blocks" }).click();
      await expect.poll(() => canvas.getAttribute("data-fits")).toBe("true");
      await picture(page, `all-blocks-${width}`);
    }
    const path = page.getByRole("navigation", { name: "Levels of the map" });
    for (const [text, place] of [
      ["node:51", "node 51"],
      ["n70d0", "node 70"],
      ["memory128", "node 28"],
      ["0x480000000", "node 32"],
    ] as const) {
      await page.getByRole("textbox", { name: "Go to" }).fill(text);
      await page.keyboard.press("Enter");
      await path.getByText(place).waitFor();
    }
  });
});
