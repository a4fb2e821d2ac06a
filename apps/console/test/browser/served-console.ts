import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, inject } from "vitest";
import { madeAt } from "../../../../tools/ci/src/make-once.ts";
import { launchChromium } from "./chromium.ts";
import { type AtEnd, openConsole, type OpenOptions, openPage } from "./open-page.ts";
import { type PageServer, servePage } from "./page-server.ts";

export interface ServedConsole {
  /** Where the built page lies. */
  readonly folder: () => string;
  readonly open: (options?: OpenOptions) => Promise<Page>;
  /**
   * One page for the tests of a group, which follow one another on it: opening a page takes as long as what most tests do there. Each is
   * written so that it could be the first.
   */
  readonly openOnce: (options?: OpenOptions) => () => Page;
  /** The same of another page of the console's folder. */
  readonly openOnceAt: (name: string, options?: OpenOptions) => () => Page;
  /** The console as `memhp serve` gives it, whose workers share memory. */
  readonly openIsolated: (options?: OpenOptions) => Promise<Page>;
  /** Another page of the console's folder. */
  readonly openAt: (name: string, options?: OpenOptions) => Promise<Page>;
}

/** Opens a page before the tests of a group, and closes it after them. */
function once(open: (atEnd: AtEnd) => Promise<Page>): () => Page {
  let page: Page;
  let end = async (): Promise<void> => {};
  beforeAll(async () => {
    page = await open((close) => (end = close));
  });
  afterAll(() => end());
  return () => page;
}

/** Serves the built page and starts a browser for the tests of a file. */
export function servedConsole(): ServedConsole {
  let folder: string;
  let server: PageServer;
  let browser: Browser;
  beforeAll(async () => {
    // Each is kept as soon as it is there, so that afterAll finds it even where the other failed.
    await Promise.all([
      madeAt(inject("consolePage")).then((built) => (folder = built)),
      launchChromium().then((chromium) => (browser = chromium)),
    ]);
    server = await servePage(folder);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  }, 10_000);
  return {
    folder: () => folder,
    open: (options) => openConsole(browser, server.url, options),
    openOnce: (options) => once((atEnd) => openConsole(browser, server.url, options, atEnd)),
    openOnceAt: (name, options) => once((atEnd) => openPage(browser, server.url, name, options, atEnd)),
    openIsolated: (options) => openConsole(browser, server.isolatedUrl, options),
    openAt: (name, options) => openPage(browser, server.url, name, options),
  };
}
