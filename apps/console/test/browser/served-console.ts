import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { type BuiltPage, buildPage } from "./built-page.ts";
import { launchChromium } from "./chromium.ts";
import { openConsole, type OpenOptions, openPage } from "./open-page.ts";
import { type PageServer, servePage } from "./page-server.ts";

export interface ServedConsole {
  readonly built: () => BuiltPage;
  readonly open: (options?: OpenOptions) => Promise<Page>;
  /** The console as `memhp serve` gives it, whose workers share memory. */
  readonly openIsolated: (options?: OpenOptions) => Promise<Page>;
  /** Another page of the console's folder. */
  readonly openAt: (name: string, options?: OpenOptions) => Promise<Page>;
}

/** Builds the page, serves it and starts a browser for the tests of a file. */
export function servedConsole(): ServedConsole {
  let built: BuiltPage;
  let server: PageServer;
  let browser: Browser;
  beforeAll(async () => {
    // Each is kept as soon as it is there, so that afterAll finds it even where the other failed.
    await Promise.all([
      buildPage().then((page) => (built = page)),
      launchChromium().then((chromium) => (browser = chromium)),
    ]);
    server = await servePage(built.folder);
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    built?.remove();
  }, 10_000);
  return {
    built: () => built,
    open: (options) => openConsole(browser, server.url, options),
    openIsolated: (options) => openConsole(browser, server.isolatedUrl, options),
    openAt: (name, options) => openPage(browser, server.url, name, options),
  };
}
