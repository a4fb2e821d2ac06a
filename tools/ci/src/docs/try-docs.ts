import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { workspaceRoot } from "../workspace.ts";

interface Element {
  click(): Promise<void>;
  fill(text: string): Promise<void>;
  textContent(): Promise<string | null>;
  waitFor(): Promise<void>;
  count(): Promise<number>;
  first(): Element;
  nth(index: number): Element;
  locator(selector: string): Element;
  scrollIntoViewIfNeeded(): Promise<void>;
  getByRole(role: string, options: { name: string; exact?: boolean }): Element;
  contentFrame(): Pick<Element, "locator" | "getByRole">;
}

interface Page extends Pick<Element, "locator" | "getByRole"> {
  goto(url: string): Promise<unknown>;
  setDefaultTimeout(ms: number): void;
  on(event: string, hear: (about: { type?(): string; text?(): string; message?: string }) => void): void;
}

interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

const LIMIT_MS = 30_000;

/** Serves the site by `memhp docs`, and uses it in a browser: reading, search, a machine in the page. @returns what went wrong. */
export async function tryDocs(): Promise<string[]> {
  // The console's tests know how to find a browser.
  const { launchChromium } = (await import(
    pathToFileURL(join(workspaceRoot, "apps/console/test/browser/chromium.ts")).href
  )) as { launchChromium: () => Promise<Browser> };
  const server = spawn(
    process.execPath,
    ["--conditions=@memhp/source", "apps/cli/src/main.ts", "docs", "--port", "0"],
    {
      cwd: workspaceRoot,
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const problems: string[] = [];
  try {
    const url = await new Promise<string>((resolve, reject) => {
      server.stdout.setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
      server.once("close", (code) => reject(new Error(`memhp docs ended with ${code}`)));
    });
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(LIMIT_MS);
      page.on("pageerror", (error) => problems.push(`page error: ${error.message ?? ""}`));
      page.on("console", (message) => {
        if (message.type?.() === "error") problems.push(`console: ${message.text?.() ?? ""}`);
      });
      await useSite(page, url, problems);
    } finally {
      await browser.close();
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    server.kill("SIGINT");
  }
  return problems;
}

async function useSite(page: Page, url: string, problems: string[]): Promise<void> {
  await page.goto(url);
  await page.locator("h1").waitFor();
  await page.locator("button.DocSearch").first().click();
  await page.locator("input.search-input").fill("has_unmovable_pages");
  await page.locator("a.result").first().waitFor();

  await page.goto(`${url}concepts.html`);
  const chart = machineIn(page, 0);
  await chart.place.scrollIntoViewIfNeeded();
  await chart.frame.locator('.statechart[data-current="offline"] svg').waitFor();
  await chart.frame.getByRole("button", { name: "online_movable", exact: true }).click();
  await chart.frame.locator('.statechart[data-current="online"]').waitFor();

  const zones = machineIn(page, 1);
  await zones.place.scrollIntoViewIfNeeded();
  await zones.frame.locator(".zones tbody tr").first().waitFor();

  const old = machineIn(page, 2);
  await old.place.scrollIntoViewIfNeeded();
  await old.frame.getByRole("button", { name: "online_movable", exact: true }).click();
  await old.frame.locator(".reason").first().waitFor();
  const answer = (await old.frame.locator(".answer").textContent()) ?? "";
  // Block 33 is not at the end of ZONE_NORMAL (facts §3.1).
  if (!answer.includes("EINVAL") || !answer.includes("not_adjacent"))
    problems.push(`block 33 of 4.1 answers "${answer}", not EINVAL by not_adjacent`);
}

function machineIn(
  page: Page,
  index: number,
): { readonly place: Element; readonly frame: Pick<Element, "locator" | "getByRole"> } {
  const place = page.locator("iframe.live").nth(index);
  return { place, frame: place.contentFrame() };
}
