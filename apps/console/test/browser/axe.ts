import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const source = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** What axe finds wrong with the page as it stands. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(source);
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await checker.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}

/** Looks at the page at three sizes, the last a small laptop at 200 % zoom: axe finds nothing, and nothing is cut off. */
export async function cleanAtAllSizes(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const [width, height] of [
    [390, 844],
    [1280, 800],
    [640, 400],
  ] as const) {
    await page.setViewportSize({ width, height });
    expect({ name, width, found: await violations(page) }).toEqual({ name, width, found: [] });
    expect({ name, wide: await page.evaluate(() => document.documentElement.scrollWidth) }).toEqual({
      name,
      wide: width,
    });
  }
  if (before !== null) await page.setViewportSize(before);
}
