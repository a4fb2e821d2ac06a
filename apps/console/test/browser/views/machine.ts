import { isReady } from "./hands.ts";
import { answer, blocks, button, drawer, escape, form, level, map, writeTo } from "./places.ts";
import type { Scene } from "./scene.ts";

/** The first machine, from the first look to what can be done to it: the tour of somebody who came to try it. */
export const machineScene: Scene = {
  name: "machine",
  goesByKeyboard: true,
  views: [
    { name: "start", sides: ["machine", "block"], show: ({ page }) => button(page, "The middle block").waitFor() },
    {
      name: "booted",
      sides: ["machine"],
      async show({ page, press }) {
        await press(button(page, "Boot"));
        await isReady(page);
        await page.getByText("32 of 48 blocks").waitFor();
      },
    },
    {
      name: "nodes",
      async show({ page, press }) {
        await press(level(page, "nodes"));
        await page.getByRole("application", { name: "Node map" }).waitFor();
      },
    },
    {
      name: "devices",
      async show({ page, press }) {
        await press(level(page, "devices"));
        await page.getByRole("application", { name: "Device map" }).waitFor();
      },
    },
    {
      name: "a block",
      sides: ["block"],
      async show({ page, press, write, key }) {
        await press(level(page, "blocks"));
        await write(page.getByRole("textbox", { name: "Go to" }), "memory63");
        await key(page.getByRole("textbox", { name: "Go to" }), "Enter");
        await page.getByRole("group", { name: "Statechart" }).waitFor();
      },
    },
    {
      name: "pages",
      async show({ page, key }) {
        await key(map(page), "Enter");
        await key(page.getByRole("application", { name: "Pageblocks of memory63" }), "ArrowRight");
        await page.getByText("Pageblock 1 of 64").waitFor();
      },
      async leave({ page, press }) {
        await press(button(page, "machine"));
        await map(page).waitFor();
      },
    },
    {
      name: "online",
      async show(hands) {
        await writeTo(hands, "48", "online");
        await answer(hands.page, /→ ok/);
      },
    },
    {
      name: "a refusal",
      async show(hands) {
        await writeTo(hands, "61", "online_movable");
        await answer(hands.page, /EINVAL/);
        await button(hands.page, "Online memory63 as movable").waitFor();
      },
    },
    {
      name: "a term",
      async show({ page, restOn }) {
        const term = page.getByRole("status", { name: "Outcome" }).locator(".term").first();
        await restOn(term);
        await term.locator(".meaning").waitFor();
      },
      leave: escape,
    },
    {
      name: "facts",
      async show({ page, press }) {
        await press(page.getByRole("status", { name: "Outcome" }).getByRole("button", { name: "facts §3.1" }).first());
        await page.getByRole("dialog", { name: /^facts §/ }).waitFor();
      },
      leave: escape,
    },
    {
      name: "what helped",
      async show({ page, press }) {
        await press(button(page, "Online memory63 as movable"));
        await page.getByText("34 of 48 blocks").waitFor();
        await isReady(page);
      },
    },
    {
      name: "undone",
      async show({ page, press }) {
        await press(button(page, "Undo"));
        await page.getByText("33 of 48 blocks").waitFor();
        await isReady(page);
      },
      async leave({ page, press }) {
        await press(button(page, "Redo"));
        await page.getByText("34 of 48 blocks").waitFor();
        await isReady(page);
      },
    },
    {
      name: "statecharts",
      async show({ page, tab, key }) {
        await tab("Statecharts");
        const block = page.getByRole("figure", { name: "Memory block" });
        await key(block.locator('g[data-state][tabindex="0"]'), "Home");
        await page.keyboard.press("Enter");
        await block.getByRole("button", { name: "On the map" }).waitFor();
      },
    },
    {
      name: "terminal",
      async show({ page, tab, write, key }) {
        await tab("Terminal");
        const line = page.getByLabel("Command line");
        await write(line, "echo online_movable > memory49/state");
        await key(line, "Enter");
        await page.getByRole("log", { name: "Terminal" }).getByText("Invalid argument").waitFor();
        await isReady(page);
        await write(line, "cat mem");
        await key(line, "Tab");
        await page.getByRole("status", { name: "What could follow" }).waitFor();
      },
      leave: ({ page, key }) => key(page.getByLabel("Command line"), "Escape"),
    },
    {
      name: "sequence",
      async show({ page, tab }) {
        await tab("Sequence");
        await page.getByRole("region", { name: "Sequence" }).locator("text").first().waitFor();
      },
    },
    {
      name: "events",
      async show({ page, tab, key }) {
        await tab("Events");
        const list = page.getByRole("listbox", { name: "Events" });
        await list.getByRole("option").first().waitFor();
        await key(list, "End");
      },
    },
    {
      name: "charts",
      async show({ page, tab }) {
        await tab("Charts");
        await page.locator(".charts canvas").waitFor();
      },
    },
    {
      name: "zones",
      async show({ page, tab }) {
        await tab("Zones");
        await page.getByRole("tabpanel").getByRole("table").first().waitFor();
      },
    },
    {
      name: "table",
      async show({ page, press }) {
        await press(level(page, "table"));
        await page.getByRole("grid", { name: "Blocks as a table" }).waitFor();
      },
    },
    {
      name: "filter and layers",
      async show({ page, press, choose }) {
        await press(level(page, "blocks"));
        await press(button(page, "Filter and layers"));
        await choose(form(page, "Filter of the map").getByLabel("state"), "online");
        const layers = page.getByRole("region", { name: "Layers of the map" });
        await press(layers.getByRole("button", { name: "Forecast of all blocks on the map" }));
        await layers.getByText(/\d+ would go offline/).waitFor();
      },
    },
    {
      name: "free memory of blocks",
      async show({ page, choose }) {
        await choose(form(page, "Filter of the map").getByLabel("squares show"), "free");
        await page.getByText("Numbers are the hundredths").waitFor();
      },
      leave: ({ page, choose }) => choose(form(page, "Filter of the map").getByLabel("squares show"), "what it is"),
    },
    {
      name: "plan",
      async show({ page, write, press }) {
        const layers = page.getByRole("region", { name: "Layers of the map" });
        await write(layers.getByLabel("Free"), "128M");
        await press(layers.getByRole("button", { name: "Plan" }));
        await layers.getByRole("list", { name: "Blocks in order" }).waitFor();
      },
      async leave({ page, press }) {
        await press(form(page, "Filter of the map").getByRole("button", { name: "Show all" }));
        await press(button(page, "Filter and layers"));
      },
    },
    {
      name: "all operations",
      sides: ["machine"],
      async show({ page, press, choose, write }) {
        await press(drawer(page, "All operations"));
        await choose(page.getByLabel("Operation", { exact: true }), "agent");
        const agent = form(page, "Operation agent");
        await write(agent.getByLabel("id", { exact: true }), "a");
        await write(agent.getByLabel("poll_ms"), "often");
        await press(button(page, "Do agent"));
        await agent.getByRole("alert").waitFor();
        await isReady(page);
      },
    },
    {
      name: "palette",
      async show({ page, write }) {
        await page.keyboard.press("Control+k");
        await write(page.getByRole("combobox", { name: "What to do" }), "boot");
        await page.getByRole("option", { name: "Boot 6.12", exact: true }).waitFor();
      },
      leave: escape,
    },
    {
      name: "share",
      async show({ page, press }) {
        await press(button(page, "Share"));
        const dialog = page.getByRole("dialog", { name: "Share" });
        await press(dialog.getByRole("button", { name: "Make a link" }));
        await dialog.getByText(/^The link/).waitFor();
      },
      leave: escape,
    },
    {
      name: "no such blocks",
      async show({ page, write, key }) {
        await write(blocks(page), "9999");
        await key(blocks(page), "Enter");
        await answer(page, /9999/);
      },
    },
    {
      name: "a wrong form",
      sides: ["machine"],
      async show({ page, write, press }) {
        await write(page.getByLabel("Memory per node"), "lots");
        await press(button(page, "Boot"));
        await answer(page, /bad size/);
      },
      leave: ({ page, write }) => write(page.getByLabel("Memory per node"), "2G"),
    },
  ],
};
