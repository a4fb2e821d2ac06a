import { describe, expect, test } from "vitest";
import { isReady, outcome, picture, write } from "./open-page.ts";
import { servedConsole } from "./served-console.ts";

const { open, openOnce } = servedConsole();

describe("a machine in the browser", { timeout: 20_000 }, () => {
  test("boots by itself, and again as the form says, in workers", async () => {
    const page = await open();
    await page.getByText("32 of 48 blocks").waitFor();
    await page.getByLabel("Kernel", { exact: true }).selectOption("6.12");
    await page.getByLabel("Nodes", { exact: true }).fill("3");
    await page.getByLabel("Workers").fill("2");
    await page.getByText("Kernel command line").click();
    await page.getByRole("checkbox", { name: "memhp_default_state" }).check();
    await page.getByLabel("memhp_default_state value").selectOption("online_movable");
    await page.getByRole("button", { name: "Boot" }).click();
    await page.getByText("48 of 72 blocks").waitFor();
    // The machine's own, and one for each shard.
    await expect.poll(() => page.workers().length).toBe(3);
    await page.getByRole("button", { name: "Insert DIMM" }).click();
    await isReady(page);
    expect(await outcome(page)).toContain("blocks 88-95");
    await page.getByText("56 of 80 blocks").waitFor();
  });
});

describe("the first machine", { timeout: 20_000 }, () => {
  const opened = openOnce();

  test("events are listed in order, narrowed by kind, block and word, and refusals are explained", async () => {
    const page = opened();
    await write(page, "59", "online_movable");
    const list = page.getByRole("listbox", { name: "Events" });
    await expect.poll(() => list.getByRole("option").count()).toBe(4);
    await page
      .getByRole("group", { name: "Kinds of events" })
      .getByRole("button", { name: "block", exact: true })
      .click();
    await expect.poll(() => list.getByRole("option").count()).toBe(2);
    await page.getByLabel("Find in events").fill("not_adjacent");
    await expect.poll(() => list.getByRole("option").count()).toBe(1);
    await list.getByRole("option").click();
    await expect
      .poll(() => page.getByRole("tabpanel").innerText())
      .toContain("only the highest block of ZONE_NORMAL can become Movable");
  });

  test("a form that makes no sense leaves the machine as it is and says why", async () => {
    const page = opened();
    await page.getByLabel("Memory per node").fill("lots");
    await page.getByRole("button", { name: "Boot" }).click();
    await expect.poll(() => outcome(page), { timeout: 10_000 }).toContain('bad size: "lots"');
    await page.getByText("32 of 48 blocks").waitFor();
  });

  test("insert, online, a refused online_movable explained, offline, eject", async () => {
    const page = opened();
    await page.getByLabel("DIMM size").waitFor();
    await page.getByRole("form", { name: "Insert a DIMM" }).getByLabel("Node").selectOption("1");
    await page.getByRole("button", { name: "Insert DIMM" }).click();
    await isReady(page);
    expect(await outcome(page)).toContain("blocks 64-71");

    const refused = await write(page, "67", "online_movable");
    expect(refused).toContain("echo online_movable > memory67/state");
    expect(refused).toContain("→ EINVAL (Invalid argument)");
    expect(refused).toContain(
      "Only at the border between the zones Normal and Movable can a block change its zone; block 67 (node 1",
    );
    expect(refused).toMatch(/rule\s+The answer is EINVAL \(not_adjacent\), by facts §3\.1/);
    expect(refused).toMatch(
      /help\s+Trying again may help, above all after this: online the block at the end of ZONE_NORMAL \(block 71\) as movable first/,
    );
    await picture(page, "refused");

    expect(await write(page, "71", "online_movable")).toContain("→ ok");
    expect(await write(page, "64-70", "online_kernel")).toContain("→ 7 of 7 onlined");
    await page.getByRole("button", { name: "kernel pages" }).click();
    await isReady(page);
    expect(await write(page, "dimm:d0", "offline")).toContain("→ 1 of 8 offlined, 7 refused");
    await page.getByRole("button", { name: "kernel pages" }).click();
    await isReady(page);
    await page.getByRole("button", { name: "Eject d0" }).click();
    await isReady(page);
    expect(await outcome(page)).toContain("→ given back");
    await expect.poll(() => page.getByRole("textbox", { name: "Blocks" }).inputValue()).toBe("");
  });

  test("the chosen block's statechart shows the state it is in and how it came there", async () => {
    const page = opened();
    const chart = page.getByRole("group", { name: "Statechart" });
    await write(page, "63", "online");
    expect(await chart.getAttribute("data-current")).toBe("online");
    expect(await chart.locator("[data-state]").count()).toBe(18);
    const steps = await page.getByRole("list", { name: "Last transitions" }).getByRole("listitem").allInnerTexts();
    expect(steps.map((step) => step.split(" ").at(-1))).toEqual([
      "online",
      "going_online.announcing",
      "going_online.populating",
      "going_online.notifying",
      "going_online.choosing_zone",
    ]);
    await write(page, "63", "offline");
    expect(await chart.getAttribute("data-current")).toBe("offline");
  });

  test("an injected error vetoes an online until it is taken back", async () => {
    const page = opened();
    await page.getByLabel("MEM_GOING_ONLINE").selectOption("ENOMEM");
    await isReady(page);
    expect(await write(page, "48", "online")).toContain("A callback that the kernel asks first does not let block 48");
    await page.getByLabel("MEM_GOING_ONLINE").selectOption("none");
    await isReady(page);
    expect(await write(page, "48", "online")).toContain("→ ok");
  });
});
