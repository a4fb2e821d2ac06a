import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

const source = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** Rules whose answer depends on sizes and colours; all others on what there is. */
const ofLooks = ["color-contrast", "target-size", "scrollable-region-focusable", "css-orientation-lock"];

interface Judged {
  /** `looks`: only what another size or theme may change. */
  readonly which?: "all" | "looks";
  /** Selectors of what is left out. */
  readonly exclude?: readonly string[];
}

/** What axe finds wrong with the page as it stands. */
export async function violations(page: Page, { which = "all", exclude = [] }: Judged = {}): Promise<string[]> {
  const isThere = await page.evaluate(() => "axe" in globalThis);
  if (!isThere) await page.evaluate(source);
  return page.evaluate(
    async ({ rules, exclude: left }) => {
      const { axe: checker } = globalThis as unknown as {
        axe: {
          run(where: object, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
        };
      };
      const found = await checker.run(
        { include: [["html"]], exclude: left.map((selector) => [selector]) },
        {
          resultTypes: ["violations"],
          ...(rules === undefined ? {} : { runOnly: rules }),
        },
      );
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    },
    { rules: which === "all" ? undefined : ofLooks, exclude },
  );
}
