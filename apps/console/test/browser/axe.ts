import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

const source = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** Rules whose answer depends on sizes and colours; all others on what there is. */
const ofLooks = ["color-contrast", "target-size", "scrollable-region-focusable", "css-orientation-lock"];

/** What axe finds wrong with the page as it stands; `looks`: only what another size or theme may change. */
export async function violations(page: Page, which: "all" | "looks" = "all"): Promise<string[]> {
  const isThere = await page.evaluate(() => "axe" in globalThis);
  if (!isThere) await page.evaluate(source);
  return page.evaluate(
    async (rules) => {
      const { axe: checker } = globalThis as unknown as {
        axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const found = await checker.run({
        resultTypes: ["violations"],
        ...(rules === undefined ? {} : { runOnly: rules }),
      });
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    },
    which === "all" ? undefined : ofLooks,
  );
}
