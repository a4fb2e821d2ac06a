import { isReady } from "./hands.ts";
import type { Scene } from "./scene.ts";

/** The server goes away once the page is there. */
export const failureScene: Scene = {
  name: "failures",
  views: [
    {
      name: "code that does not come",
      async show({ page, tab }) {
        await page.getByRole("button", { name: "Insert DIMM" }).waitFor();
        await isReady(page);
        await page.route(/\/assets\//, (route) => route.abort());
        await tab("Zones");
        await page.getByRole("alert").filter({ hasText: "could not be loaded" }).waitFor();
      },
    },
  ],
};

/** The machine's worker ends by itself. */
export const lostScene: Scene = {
  name: "lost",
  views: [
    {
      name: "a machine that is lost",
      async show({ page }) {
        await isReady(page);
        await page.workers()[0]?.evaluate(() => setTimeout(() => close()));
        await page.waitForSelector('html[data-page="failed"]');
      },
    },
  ],
};
