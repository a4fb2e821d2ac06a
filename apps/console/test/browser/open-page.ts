import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";

const TIMEOUT_MS = 20_000;

export interface OpenOptions extends BrowserContextOptions {
  /** Problems that the test itself makes. */
  readonly tolerates?: RegExp;
  /** Hears the address of everything that the page and its workers ask for. */
  readonly onRequest?: (url: string) => void;
  /** Sets the browser up before the page is asked for. */
  readonly before?: (context: BrowserContext) => Promise<unknown>;
}

/** Has something done once the page is no longer needed. */
export type AtEnd = (end: () => Promise<void>) => void;

/** Opens the console in a fresh context, booted. Anything that the page reports as an error fails the test. */
export async function openConsole(
  browser: Browser,
  url: string,
  options: OpenOptions = {},
  atEnd?: AtEnd,
): Promise<Page> {
  const page = await openPage(browser, url, "", options, atEnd);
  await isReady(page);
  return page;
}

/** The same of any page of the console's folder. */
export async function openPage(
  browser: Browser,
  url: string,
  name: string,
  { tolerates, onRequest, before, ...options }: OpenOptions = {},
  atEnd: AtEnd = onTestFinished,
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    acceptDownloads: true,
    ...options,
  });
  const problems: string[] = [];
  atEnd(async () => {
    await context.close();
    expect(problems.filter((problem) => tolerates?.test(problem) !== true)).toEqual([]);
  });
  await before?.(context);
  if (onRequest !== undefined) context.on("request", (request) => onRequest(request.url()));
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !/^(?:blob|data):/.test(request.url()))
      problems.push(`asked ${request.url()}`);
  });
  await page.goto(`${url}${name}`);
  return page;
}

export function isReady(page: Page): Promise<unknown> {
  return page.waitForSelector('html[data-page="ready"]');
}

/** Boots so many nodes, each with boot memory and one DIMM. */
export async function bootNodes(page: Page, nodes: number, memory: string, dimm: string): Promise<void> {
  await page.getByLabel("Kernel", { exact: true }).selectOption("6.12");
  await page.getByLabel("Nodes", { exact: true }).fill(String(nodes));
  await page.getByLabel("Memory per node").fill(memory);
  await page.getByLabel("DIMM size").fill(dimm);
  await page.getByLabel("Memory block", { exact: true }).selectOption("128M");
  await page.getByRole("button", { name: "Boot" }).click();
  await page.locator(".numbers").getByText(nodes.toLocaleString("en"), { exact: true }).waitFor();
  await isReady(page);
}

/** Text of the last outcome. */
export async function outcome(page: Page): Promise<string> {
  return page.getByRole("status", { name: "Outcome" }).innerText();
}

/** Writes to blocks through the range field and a button, and waits for the answer. */
export async function write(page: Page, blocks: string, word: string): Promise<string> {
  await page.getByRole("textbox", { name: "Blocks" }).fill(blocks);
  await page.getByRole("button", { name: word, exact: true }).click();
  await isReady(page);
  return outcome(page);
}

/** Opens a file through the page's field for files. */
export async function giveFile(page: Page, name: string, text: string): Promise<void> {
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
}

/** Keeps a picture where MEMHP_SCREENSHOTS names a folder, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["MEMHP_SCREENSHOTS"];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
}
