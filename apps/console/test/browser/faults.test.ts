import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { isReady, outcome, picture, write } from "./open-page.ts";
import { servedConsole } from "./served-console.ts";

const { open, openOnce } = servedConsole();

describe("what goes wrong around the page", { timeout: 30_000 }, () => {
  test("code that does not load is said, the machine stays, and it can be tried again", async () => {
    const page = await open({ tolerates: /Failed to load resource|Failed to fetch dynamically/ });
    await page.getByRole("button", { name: "Insert DIMM" }).click();
    await isReady(page);
    // From now on the machine is kept, with code that has come for it.
    await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).length)).toBeGreaterThan(0);
    await page.route(/\/assets\//, (route) => route.abort());
    await page.getByRole("textbox", { name: "Blocks" }).fill("63");
    await page.keyboard.press("Enter");
    const missing = page.getByRole("alert").filter({ hasText: "could not be loaded" });
    await expect.poll(() => missing.count()).toBe(4);
    await page.getByText("Loads", { exact: false }).first().click();
    await expect.poll(() => missing.count()).toBe(5);
    expect(await write(page, "63", "online_movable")).toContain("→ ok");
    await page.unroute(/\/assets\//);
    const tryAgain = page.getByRole("button", { name: "Try again" });
    for (let left = 5; left > 0; left--) {
      await tryAgain.first().click();
      await expect.poll(() => tryAgain.count()).toBe(left - 1);
    }
    await expect.poll(() => page.getByText("Loading…").count()).toBe(0);
    // A browser that asks for a file only once offers to load the page anew: then everything is there, the machine as it was left.
    const anew = page.getByRole("button", { name: "Load the page anew" });
    expect(await missing.count()).toBe(await anew.count());
    if ((await anew.count()) > 0) {
      await page.waitForTimeout(600);
      await anew.first().click();
      await expect.poll(() => outcome(page)).toContain("The machine is back as you left it");
      await isReady(page);
      await page.getByRole("textbox", { name: "Blocks" }).fill("63");
      await page.keyboard.press("Enter");
    }
    const chart = page.getByRole("group", { name: "Statechart" });
    await chart.waitFor();
    expect(await chart.getAttribute("data-current")).toBe("online");
  });
});

describe("workers that die", { timeout: 30_000 }, () => {
  const opened = openOnce();

  test("a worker that dies is noticed, and another machine can be booted", async () => {
    const page = opened();
    const [worker] = page.workers();
    await worker?.evaluate(() => setTimeout(() => close()));
    await page.waitForSelector('html[data-page="failed"]');
    expect(await outcome(page)).toContain("The worker that the machine lived in has ended");
    await page.getByRole("button", { name: "Boot" }).click();
    await isReady(page);
    expect(await write(page, "63", "online_movable")).toContain("→ ok");
  });

  test("a shard's worker that dies is noticed under the next command", async () => {
    const page = opened();
    await page.getByLabel("Workers").fill("2");
    await page.getByRole("button", { name: "Boot" }).click();
    await expect.poll(() => page.workers().length, { timeout: 10_000 }).toBe(3);
    await isReady(page);
    await page
      .workers()
      .at(-1)
      ?.evaluate(() => setTimeout(() => close()));
    await expect.poll(() => page.workers().length).toBe(2);
    await page.getByRole("textbox", { name: "Blocks" }).fill("all");
    await page.getByRole("button", { name: "offline", exact: true }).click();
    await page.waitForSelector('html[data-page="failed"]');
    expect(await outcome(page)).toContain("it ended");
  });
});

describe("an answer", { timeout: 30_000 }, () => {
  const opened = openOnce({ viewport: { width: 1280, height: 800 } });

  test("an answer does not move the map, and what is clicked meanwhile is done in turn", async () => {
    const page = opened();
    const map = page.getByRole("application", { name: "Block map" });
    const before = await map.boundingBox();
    expect(await write(page, "59", "online_movable")).toContain("→ EINVAL");
    expect(await map.boundingBox()).toEqual(before);
    const insert = page.getByRole("button", { name: "Insert DIMM" });
    await insert.evaluate((button: HTMLElement) => {
      for (let i = 0; i < 3; i++) button.click();
    });
    await page.getByText("5 of 18 slots").waitFor();
  });

  test("the statechart is reached at every size, a small laptop at 200 % zoom among them", async () => {
    const page = opened();
    await write(page, "59", "online_movable");
    await page.getByText("Loads", { exact: false }).first().click();
    const chart = page.getByRole("group", { name: "Statechart" });
    await chart.waitFor();
    for (const [width, height] of [
      [390, 844],
      [640, 400],
      [844, 390],
      [1280, 800],
    ] as const) {
      await page.setViewportSize({ width, height });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await chart.scrollIntoViewIfNeeded();
      const box = await chart.boundingBox();
      expect(box?.width).toBeGreaterThan(200);
      expect((box?.y ?? height) < height && (box?.y ?? 0) + (box?.height ?? 0) > 0).toBe(true);
    }
  });
});

describe("a first visit", { timeout: 40_000 }, () => {
  test("begins with a lesson, and a lesson tells what each step did", async () => {
    const page = await open();
    await page.getByRole("button", { name: "The middle block" }).click();
    const told = page.getByRole("status", { name: "Told" });
    await told.getByText(/has booted Linux 4\.1/).waitFor();
    await page.getByRole("button", { name: "Go on" }).click();
    await told.getByText(/It became eight/).waitFor();
    await page.getByRole("button", { name: "Go on" }).click();
    await expect.poll(() => told.innerText(), { timeout: 20_000 }).toContain("got EINVAL");
    await picture(page, "lesson");
  });

  test("undo, redo and a reload lead to the same machine; places are found from afar", async () => {
    const page = await open();
    const online = page.locator(".numbers").getByText(/ of 48 blocks/);
    await write(page, "63", "online_movable");
    await write(page, "62", "online_movable");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("33 of 48 blocks").waitFor();
    // The picture comes before the answer, and until that no key does anything.
    await isReady(page);
    await page.keyboard.press("Control+Shift+Z");
    await page.getByText("34 of 48 blocks").waitFor();
    await isReady(page);
    await page.getByLabel("How much of it is done").fill("0");
    await page.getByText("32 of 48 blocks").waitFor();
    await page.getByLabel("How much of it is done").fill("2");
    await page.getByText("34 of 48 blocks").waitFor();
    await page.getByRole("textbox", { name: "Go to" }).fill("0x1f8000000");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByRole("textbox", { name: "Blocks" }).inputValue()).toBe("63");
    await page.getByRole("application", { name: "Block map" }).press("Enter");
    await page.getByRole("application", { name: "Pageblocks of memory63" }).press("ArrowRight");
    await page.getByText("Pageblock 1 of 64").waitFor();
    await page.getByRole("button", { name: "machine", exact: true }).click();
    // It is kept when nobody has done anything for a moment.
    await expect
      .poll(() => page.evaluate(async () => (await indexedDB.databases()).length), { timeout: 10_000 })
      .toBeGreaterThan(0);
    await page.waitForTimeout(600);
    await page.reload();
    await isReady(page);
    expect(await online.innerText()).toContain("34 of 48 blocks");
    expect(await outcome(page)).toContain("The machine is back as you left it");
  });
});

describe("what somebody finds", { timeout: 40_000 }, () => {
  const opened = openOnce();

  test("commands are found by a few letters, and charts sum up what was done", async () => {
    const page = opened();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "What to do" }).fill("boot 6.12");
    await page.getByRole("option", { name: "Boot 6.12" }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".numbers").getByText("6.12", { exact: true }).waitFor();
    await write(page, "56-59", "offline");
    await page.getByRole("tab", { name: "Charts", exact: true }).click();
    await page
      .getByRole("region", { name: "Charts" })
      .getByText(/32 online .* 0 pages moved · 4 refused/)
      .waitFor();
    await expect.poll(() => page.locator(".charts canvas").count(), { timeout: 20_000 }).toBeGreaterThan(0);
    await picture(page, "charts");
  });

  test("a captured host opens like any machine", async () => {
    const page = opened();
    const file = fileURLToPath(new URL("../captured-host.tar.gz", import.meta.url));
    await page.locator('input[type="file"]').setInputFiles(file);
    await page.getByText(/The host that was captured, Linux 6\.12/).waitFor();
    await page.getByRole("tab", { name: "Host" }).click();
    await expect.poll(() => page.getByRole("region", { name: "Captured host" }).count(), { timeout: 20_000 }).toBe(1);
    await picture(page, "host");
  });
});
