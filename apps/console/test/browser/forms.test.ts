import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { isReady, outcome, picture, write } from "./open-page.ts";
import { servedConsole } from "./served-console.ts";

const { open, openOnce } = servedConsole();
/** Where each test boots its own machine. */
const opened = openOnce();

/** Boots as the form says. */
async function boot(page: Page, kernel: string, containers = 0): Promise<void> {
  await page.getByLabel("Kernel", { exact: true }).selectOption(kernel);
  await page.getByLabel("Container nodes").fill(String(containers));
  await press(page, "Boot");
  await page.locator(".numbers").getByText(kernel, { exact: true }).waitFor();
}

async function press(page: Page, name: string): Promise<string> {
  await page.getByRole("button", { name, exact: true }).click();
  await isReady(page);
  return outcome(page);
}

async function startLoad(page: Page, fields: Readonly<Record<string, string>>): Promise<string> {
  const form = page.getByRole("form", { name: "Start a load" });
  if (!(await form.isVisible())) await page.getByText("Loads", { exact: false }).first().click();
  for (const [label, value] of Object.entries(fields)) {
    const field = form.getByLabel(label, { exact: true });
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
  return press(page, "Start load");
}

describe("loads", { timeout: 30_000 }, () => {
  test("the drawer and its form are reached with the keyboard alone", async () => {
    const page = opened();
    const summary = page.locator("details.panel > summary").first();
    await summary.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("form", { name: "Start a load" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("x");
    // Past "More" to the button.
    for (let i = 0; i < 6; i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect.poll(() => outcome(page)).toContain("start load x: 256M of anon");
  });

  test("start, are listed with where they lie, and end", async () => {
    const page = opened();
    await boot(page, "6.12");
    await write(page, "dimm:n1d0", "online_movable");
    expect(await startLoad(page, { Name: "db", Size: "512M", Where: "1", Policy: "bind", Churn: "0.2" })).toMatch(
      /start load db: 512M of anon, bind node 1, churns → 131072 pages on node 1/,
    );
    const list = page.getByRole("list", { name: "Running loads" });
    expect(await list.innerText()).toMatch(/db anon 512M\s+End\s+512M on node 1/);
    expect(await startLoad(page, { Name: "db", Size: "1M" })).toContain('a load named "db" runs already');
    expect(await startLoad(page, { Name: "huge", Size: "64G" })).toMatch(
      /→ ENOMEM .*\s+why\s+There is no room for the pages: \d+ of \d+ pages of huge/,
    );
    expect(await startLoad(page, { Name: "", Size: "much" })).toContain("expected a size such as 128M");
    // It stands at the field as well.
    const size = page.getByRole("form", { name: "Start a load" }).getByLabel("Size");
    expect(await size.getAttribute("aria-invalid")).toBe("true");
    expect(
      await size.evaluate((field) => document.getElementById(field.getAttribute("aria-describedby") ?? "")?.innerText),
    ).toMatch(/found "much"/);
    await picture(page, "loads");
    expect(await press(page, "End db")).toContain("end load db → 131072 pages freed");
    expect(await list.count()).toBe(0);
  });

  test("caches are dropped", async () => {
    const page = opened();
    await boot(page, "6.12");
    await startLoad(page, { Name: "", Kind: "dentry", Size: "64M", Where: "", Churn: "" });
    expect(await press(page, "Drop caches")).toMatch(/echo 3 > \/proc\/sys\/vm\/drop_caches → ok/);
    const list = page.getByRole("list", { name: "Running loads" });
    await expect.poll(() => list.innerText()).toMatch(/dentry 64M\s+End\s+no pages/);
  });

  test("a write in the background goes on until it gets a signal, or until what holds it up is gone", async () => {
    const page = opened();
    await boot(page, "6.12");
    await write(page, "dimm:n1d0", "online_movable");
    // The whole DIMM is in use, so every block of it has pinned pages.
    await startLoad(page, { Name: "nic", Kind: "pinned", Size: "900M", Where: "1", Policy: "bind" });
    await page.getByRole("checkbox", { name: "in background" }).check();
    expect(await write(page, "57", "offline")).toContain("→ goes on in the background");
    const going = page.getByRole("region", { name: "In the background" });
    await going.getByText("memory57 goes on").waitFor();
    const chart = page.getByRole("group", { name: "Statechart" });
    await expect.poll(() => chart.getAttribute("data-current")).toMatch(/^going_offline\./);
    await going.getByLabel("Let pass").fill("100");
    await press(page, "Wait");
    await going.getByText("memory57 goes on").waitFor();
    await picture(page, "background");
    expect(await press(page, "Send a signal to memory57")).toMatch(
      /send a signal to memory57 → done[\s\S]*has ended: EINTR \(Interrupted system call\)/,
    );
    expect(await going.count()).toBe(0);

    await write(page, "57", "offline");
    await page.getByRole("checkbox", { name: "in background" }).uncheck();
    // Somebody else's write waits for the hotplug lock in vain.
    expect(await write(page, "58", "offline")).toMatch(
      /→ no answer in this time[\s\S]*the writer was killed while it waited for device_hotplug_lock/,
    );
    // What holds it is told where it goes on, with what would help.
    const goesOn = page.getByRole("region", { name: "In the background" });
    await goesOn.getByRole("button", { name: "Unpin nic", exact: true }).click();
    await expect.poll(() => outcome(page)).toContain("lets go of its pins → done");
    await isReady(page);
    expect(await press(page, "Wait")).toMatch(/memory57 has ended: ok/);
    expect(await write(page, "58", "offline")).toContain("→ ok");
  });
});

describe("all operations", { timeout: 30_000 }, () => {
  test("have a form made of their schema, found by name; errors stand at the field, answers can be read whole", async () => {
    const page = await open();
    await page.keyboard.press("Control+k");
    const box = page.getByRole("combobox", { name: "What to do" });
    await box.fill("do agent");
    await page.getByRole("option", { name: "Do agent: A program" }).waitFor();
    await box.press("Enter");
    const form = page.getByRole("form", { name: "Operation agent" });
    await form.getByLabel("id", { exact: true }).fill("a");
    await form.getByLabel("retry.times").fill("many");
    await form.getByLabel("retry.after_ms").fill("1");
    await form.getByLabel("poll_ms").fill("1");
    expect(await press(page, "Do agent")).toContain('retry.times: expected a whole number of 1..1000, found "many"');
    expect(await form.getByRole("alert").innerText()).toMatch(/^retry\.times: expected/);
    expect(await form.getByLabel("retry.times").getAttribute("aria-invalid")).toBe("true");
    await form.getByLabel("retry.times").fill("3");
    expect(await press(page, "Do agent")).toContain("start agent a, which writes online → done");
    expect(await form.getByRole("alert").count()).toBe(0);
    await page.getByLabel("Operation", { exact: true }).selectOption("read");
    await page.getByRole("form", { name: "Operation read" }).getByLabel("path").fill("memory48/state");
    expect(await press(page, "Do read")).toContain("cat memory48/state → offline");
    await page.getByLabel("Operation", { exact: true }).selectOption("checkpoint");
    await page.getByRole("form", { name: "Operation checkpoint" }).getByLabel("name").fill("here");
    const download = page.waitForEvent("download");
    await press(page, "Do checkpoint");
    expect((await download).suggestedFilename()).toBe("here.memhp");
    await page.getByRole("button", { name: "Undo" }).click();
    await isReady(page);
    await picture(page, "operations");
  });
});

describe("sharing", { timeout: 40_000 }, () => {
  test("a link opens the same machine elsewhere; pictures and events are files", async () => {
    const page = await open();
    await write(page, "63", "online_movable");
    await write(page, "62", "online_movable");
    await press(page, "Share");
    const dialog = page.getByRole("dialog", { name: "Share" });
    const saved = async (name: string): Promise<Buffer> => {
      const download = page.waitForEvent("download");
      await dialog.getByRole("button", { name }).click();
      return readFileSync(await (await download).path());
    };
    expect((await saved("Map as PNG")).subarray(1, 4).toString()).toBe("PNG");
    expect((await saved("Charts as PNG")).subarray(1, 4).toString()).toBe("PNG");
    expect((await saved("Map as SVG")).toString()).toMatch(/<title>memory63 online<\/title>/);
    const events = (await saved("Events as JSON lines")).toString().trimEnd().split("\n");
    expect(JSON.parse(events.at(-1) ?? "")).toMatchObject({ type: "file_write", data: "online_movable" });
    expect(JSON.parse((await saved("Events for Perfetto")).toString())).toHaveProperty("traceEvents");
    expect((await saved("Save the machine")).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    await dialog.getByRole("button", { name: "Make a link" }).click();
    const field = dialog.getByRole("textbox", { name: "Link" });
    await expect.poll(() => field.inputValue()).toContain("#scenario=");
    const link = await field.inputValue();
    await picture(page, "share");
    const other = await open();
    await other.goto(link);
    await other.locator(".numbers").getByText("34 of 48 blocks").waitFor();
    await other.getByText("step 2 of 2").waitFor();
    await other.goto(link.slice(0, -20));
    await expect.poll(() => outcome(other)).toContain("The link is damaged");
  });
});

describe("containers", { timeout: 30_000 }, () => {
  test("bring a node and take it away again, once it is empty", async () => {
    const page = opened();
    await boot(page, "6.12", 1);
    expect(await press(page, "Insert c0")).toContain("insert container c0 (bus check) → ok");
    // 6.12 onlines new memory by itself, and says EINVAL to whoever asks for it again.
    expect(await write(page, "container:c0", "online_movable")).toMatch(/→ 0 of 8 onlined, 8 refused/);
    expect(await press(page, "Eject c0")).toMatch(/ask for container c0 back → EBUSY[\s\S]*EBUSY \(container_busy\)/);
    expect(await press(page, "Offline c0")).toContain("→ EBUSY");
    await picture(page, "container");
    expect(await write(page, "container:c0", "offline")).toContain("→ 8 of 8 offlined");
    expect(await press(page, "Offline c0")).toContain("→ ok");
    expect(await press(page, "Eject c0")).toContain("→ given back");
    await page.getByRole("button", { name: "Insert c0" }).waitFor();
  });

  test("a memory device in one can be ejected alone", async () => {
    const page = opened();
    await boot(page, "6.1", 1);
    await press(page, "Insert c0");
    expect(await press(page, "Eject c0m0")).toContain("/eject → ok");
    await expect.poll(() => page.getByRole("button", { name: "Eject c0m0" }).count()).toBe(0);
  });
});

describe("what would go offline", { timeout: 30_000 }, () => {
  test("is told of the chosen block, with the sentences of a refusal", async () => {
    const page = opened();
    await boot(page, "6.12");
    await write(page, "dimm:n1d0", "online_movable");
    await startLoad(page, { Name: "db", Kind: "anon", Size: "300M", Where: "1", Policy: "bind" });
    const box = page.getByRole("textbox", { name: "Blocks" });
    const outlook = page.getByRole("region", { name: "Would it go offline?" });
    await box.fill("47");
    await box.press("Enter");
    await outlook.getByText("It would not go offline.").waitFor();
    expect(await outlook.innerText()).toContain(
      "In block 47 (node 1, zone Normal) is something that the kernel cannot move",
    );
    await picture(page, "outlook");
    await box.fill("63");
    await box.press("Enter");
    await outlook.getByText(/^It would go offline: /).waitFor();

    await outlook.getByLabel("Free").fill("nowhere");
    await press(page, "Plan");
    await outlook.getByText('"nowhere" is no size such as 4G and no DIMM (DIMMs: n0d0, n1d0)').waitFor();
    await outlook.getByLabel("Free").fill("n1d0");
    await press(page, "Plan");
    const plan = page.getByRole("status", { name: "Plan" });
    await plan.getByText(/To free n1d0 \(8 blocks\), 76,800 pages \(300M\) move:/).waitFor();
    await picture(page, "plan");
    expect(await press(page, "Take them offline in this order")).toContain("8 of 8 steps are done");
    await outlook.getByLabel("Free").fill("6G");
    await press(page, "Plan");
    await plan.getByText("There is no plan that frees 6G (48 blocks).").waitFor();
    await picture(page, "no-plan");
  });

  test("dark and narrow, with everything open, nothing is cut off and every control has a name", async () => {
    const page = opened();
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 1024, height: 768 });
    await boot(page, "6.12", 1);
    await press(page, "Insert c0");
    await write(page, "dimm:n1d0", "online_movable");
    await startLoad(page, { Name: "nic", Kind: "pinned", Size: "900M", Where: "1", Policy: "bind" });
    await page.getByRole("checkbox", { name: "in background" }).check();
    await write(page, "57", "offline");
    await page.getByRole("region", { name: "Would it go offline?" }).waitFor();
    await picture(page, "forms-dark");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1024);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLInputElement>("button, input, select")]
        .filter((element) => {
          const label = element.labels?.[0]?.textContent ?? element.textContent;
          return (element.getAttribute("aria-label") ?? label ?? "").trim() === "";
        })
        .map((element) => element.outerHTML),
    );
    expect(nameless).toEqual([]);
  });
});
