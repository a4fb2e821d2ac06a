import type { Page } from "playwright-core";
import { isReady } from "./hands.ts";
import type { Scene } from "./scene.ts";

const levels = (page: Page) => page.getByRole("group", { name: "Whole machine as" });

/** A machine whose blocks are not told apart at once. */
export const largeScene: Scene = {
  name: "large",
  views: [
    {
      name: "many nodes",
      async show({ page, press, write, choose }) {
        await choose(page.getByLabel("Kernel", { exact: true }), "6.12");
        for (const [label, text] of [
          ["Nodes", "256"],
          ["Memory per node", "2G"],
          ["DIMM size", "2G"],
        ] as const)
          await write(page.getByLabel(label, { exact: true }), text);
        await choose(page.getByLabel("Memory block", { exact: true }), "128M");
        await press(page.getByRole("button", { name: "Boot", exact: true }));
        await page.locator(".numbers").getByText("256", { exact: true }).waitFor();
        await isReady(page);
        await page.getByRole("application", { name: "Node map" }).waitFor();
      },
    },
    {
      name: "how much is online",
      async show({ page, choose }) {
        await choose(page.getByLabel("Tiles show"), "online");
      },
    },
    {
      name: "free memory of nodes",
      async show({ page, choose }) {
        await choose(page.getByLabel("Tiles show"), "free");
        await page.getByText("% free.").waitFor();
      },
    },
    {
      name: "many blocks",
      async show({ page, press }) {
        await press(levels(page).getByRole("button", { name: "blocks" }));
        await page.getByRole("application", { name: "Block map" }).waitFor();
      },
    },
    {
      name: "an overview",
      async show({ page, press }) {
        for (let i = 0; i < 4; i++) await press(page.getByRole("button", { name: "Larger squares" }));
        await page.locator(".minimap").waitFor();
      },
    },
    {
      name: "one node",
      async show({ page, write, key }) {
        const places = page.getByRole("textbox", { name: "Go to" });
        await write(places, "node:200");
        await key(places, "Enter");
        await page.getByRole("navigation", { name: "Levels of the map" }).getByText("node 200").waitFor();
      },
    },
  ],
};
