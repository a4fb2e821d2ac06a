import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isReady, picture, write } from "./open-page.ts";
import { servedConsole } from "./served-console.ts";
import { inspectedRun } from "./views/inspector.ts";
import { resultsText } from "./views/sweep.ts";

const { open, openAt, openOnce } = servedConsole();

describe("the page of --inspect", { timeout: 60_000 }, () => {
  test("draws what comes over its socket, with nothing from the internet, and says who is where and how they came there", async () => {
    const { first, later } = await inspectedRun();
    let say = (_texts: readonly string[]): void => {};
    const page = await openAt("inspector.html", {
      before: (context) =>
        context.routeWebSocket(/./, (socket) => {
          say = (texts) => texts.forEach((text) => socket.send(text));
          say(first);
        }),
    });
    const device = page.getByRole("figure", { name: "memoryDevice" });
    await device
      .getByRole("button", { name: /^attached 1 in it, the chosen one among them\. Its memory is/ })
      .waitFor();
    const block = page.getByRole("figure", { name: "block" });
    await block.getByRole("button", { name: /^offline 2 in it/ }).waitFor();
    say(later);
    await expect.poll(() => block.locator("[data-newest]").getAttribute("data-event")).toBe("REMOVE");
    expect(await block.getByRole("list", { name: "History of memory32" }).innerText()).toMatch(
      /REMOVE\s+offline → gone[^]*going_offline\.withdrawing → offline[^]*ONLINE\s+offline → going_online\.choosing_zone/,
    );
    // A state tells what it is, and names the kernel's function; the facts behind it open.
    const state = block.getByRole("button", { name: /^going_offline\.isolating/ });
    await state.focus();
    await block.getByText("has_unmovable_pages", { exact: true }).waitFor();
    await block.locator(".state-told > p:last-child").getByRole("button", { name: "facts §4.3" }).click();
    // Written in Markdown, read as a page.
    const facts = page.getByRole("dialog", { name: "facts §4.3" });
    await facts.getByRole("heading", { name: "Isolation and has_unmovable_pages" }).waitFor();
    expect(await facts.getByRole("listitem").count()).toBeGreaterThan(1);
    expect(await facts.innerText()).not.toMatch(/^#|\*\*|`/m);
    await page.keyboard.press("Escape");
    await device.getByRole("button", { name: /^absent/ }).press("Enter");
    await expect.poll(() => page.getByRole("navigation", { name: "Actors" }).getByRole("listitem").count()).toBe(1);
    for (const [width, height] of [
      [390, 844],
      [1280, 800],
    ] as const) {
      await page.setViewportSize({ width, height });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await picture(page, `inspector-${width}`);
    }
  });
});

describe("results and statecharts", { timeout: 60_000 }, () => {
  const opened = openOnce();

  test("a file of results is drawn over the page: curves, a heat map, a distribution, a table", async () => {
    const page = opened();
    const file = { name: "out.jsonl", mimeType: "text/plain", buffer: Buffer.from(resultsText()) };
    await page.locator('#machine input[type="file"]').setInputFiles(file);
    const sheet = page.getByRole("dialog", { name: "Results of a sweep: out.jsonl" });
    await sheet.getByRole("heading", { name: "Does it <i>go</i> again?" }).waitFor();
    expect(await sheet.getByRole("status").innerText()).toBe("11 of 12 runs");
    expect(await sheet.locator("svg circle").count()).toBe(6);
    await sheet.getByRole("button", { name: "Heat map" }).click();
    expect(await sheet.locator("figure svg").textContent()).toContain("kernel 6.12");
    await sheet.getByRole("button", { name: "Distribution" }).click();
    expect(await sheet.locator("svg rect title").count()).toBe(20);
    expect(await sheet.getByRole("row", { name: /^6\.12 256M 2 7/ }).count()).toBe(1);
    expect(await sheet.getByText("Least in run 0 (seed 0), most in run 10 (seed 1)").count()).toBe(1);
    await picture(page, "sweep");
    await page.keyboard.press("Escape");
    await sheet.waitFor({ state: "detached" });
  });

  test("all kinds side by side: who is where, how one came there, and a state's blocks on the map", async () => {
    const page = opened();
    // The lists are reached by keyboard alone, one after another.
    await page.getByRole("tab", { name: "Events" }).focus();
    for (const name of ["Charts", "Zones", "Statecharts"]) {
      await page.keyboard.press("ArrowRight");
      expect(await page.getByRole("tab", { name, exact: true }).getAttribute("aria-selected")).toBe("true");
    }
    const dimm = page.getByRole("figure", { name: "DIMM" });
    await dimm.getByText("2 memory devices").waitFor();
    await page.getByRole("figure", { name: "virtio-mem" }).getByText("no device in this machine").waitFor();
    await page.getByRole("button", { name: "Insert DIMM" }).click();
    await isReady(page);
    // The newest DIMM moved last, so that it is the one shown.
    const past = dimm.getByRole("list", { name: /History of d0/ }).getByRole("listitem");
    await expect.poll(() => past.allInnerTexts()).toHaveLength(4);
    expect((await past.allInnerTexts()).map((text) => text.replace(/^[\d.]+ m?s /, ""))).toEqual([
      "DONE attaching.adding → attached",
      "DONE attaching.reading → attaching.adding",
      "ATTACH present.found → attaching.reading",
      "APPEAR absent → present.found",
    ]);
    expect(await dimm.locator("[data-newest]").getAttribute("data-source")).toBe("memoryDevice.attaching.adding");
    await write(page, "40-41", "offline");
    const block = page.getByRole("figure", { name: "Memory block" });
    const online = block.getByRole("button", { name: /^online / });
    await expect.poll(() => online.getAttribute("aria-label")).toContain("online 30 in it");
    // By keyboard: one stop in the chart, arrows from state to state, Enter asks who is there.
    await block.locator('g[data-state][tabindex="0"]').focus();
    await page.keyboard.press("Home");
    await block.getByText("add_memory", { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await block.getByText("26: 40-41,48-71").waitFor();
    await expect.poll(() => page.getByRole("textbox", { name: "Blocks" }).inputValue()).toBe("40-41,48-71");
    await page.keyboard.press("End");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("data-state"))).toBe("gone");
    await dimm.getByRole("button", { name: /^attached 3 in it/ }).click();
    await dimm.getByText("3: n0d0 (MP00), n1d0 (MP01), d0 (MP02)").waitFor();
    await picture(page, "statecharts");
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  });
});

describe("who spoke to whom", { timeout: 60_000 }, () => {
  test("is drawn of what was done last or of anything before, and saved as SVG", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "Sequence" }).click();
    await page.getByText("Nothing was done to this machine yet.").waitFor();
    await page.getByRole("button", { name: "Insert DIMM" }).click();
    await isReady(page);
    const drawn = page.getByRole("region", { name: "Sequence" });
    await drawn.locator("text", { hasText: "device check: d0" }).waitFor();
    await write(page, "48", "online_movable");
    await drawn.getByText("✕ EINVAL not_adjacent").waitFor();
    const during = page.getByLabel("during");
    await during.selectOption({ index: 2 });
    await drawn.locator("text", { hasText: "device check: d0" }).waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as SVG" }).click();
    expect(readFileSync(await (await download).path(), "utf8")).toMatch(/^<svg [^]*device check: d0[^]*<\/svg>\n$/);
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await picture(page, "sequence");
  });
});

describe("the terminal", { timeout: 60_000 }, () => {
  test("by keyboard: completes, does what it is told as steps that can be undone, explains, and lets go of Tab", async () => {
    const page = await open({ colorScheme: "dark" });
    const tab = page.getByRole("tab", { name: "Events" });
    await tab.focus();
    await page.keyboard.press("ArrowLeft");
    expect(await page.getByRole("tab", { name: "Terminal" }).getAttribute("aria-selected")).toBe("true");
    const log = page.getByRole("log", { name: "Terminal" });
    await log.getByText("Tab completes").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    const line = page.getByLabel("Command line");
    expect(await line.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.type("echo online_movable > memory48/st");
    await page.keyboard.press("Tab");
    await expect.poll(() => line.inputValue()).toBe("echo online_movable > memory48/state ");
    await page.keyboard.press("Enter");
    await log.getByText(/write error: Invalid argument\s+Only at the border between/).waitFor();
    await page.keyboard.type("chmem -e -b 48-49");
    await page.keyboard.press("Enter");
    await page.getByText("34 of 48 blocks").waitFor();
    await isReady(page);
    await page.keyboard.type("cat mem");
    await page.keyboard.press("Tab");
    await page.getByRole("status", { name: "What could follow" }).getByText("memory0/ memory1/").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("ArrowUp");
    expect(await line.inputValue()).toBe("chmem -e -b 48-49");
    await page.keyboard.press("Escape");
    await page.keyboard.type("cat memory49/state");
    await page.keyboard.press("Enter");
    await log.getByText("online", { exact: true }).waitFor();
    // An empty line lets Tab go on.
    await line.focus();
    await page.keyboard.press("Tab");
    expect(await line.evaluate((element) => element === document.activeElement)).toBe(false);
    await picture(page, "terminal");
    await page.getByRole("button", { name: "Share" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as scenario" }).click();
    const scenario = JSON.parse(readFileSync(await (await download).path(), "utf8")) as { steps: unknown[] };
    expect(scenario.steps).toEqual(
      [
        ["48", "online_movable\n"],
        ["48", "online"],
        ["49", "online"],
      ].map(([block, data]) => ({ op: "write", path: `/sys/devices/system/memory/memory${block}/state`, data })),
    );
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("32 of 48 blocks").waitFor();
  });
});
