// Opens the built page over a narrow line on a slow computer, and prints as JSON when something and when the machine was seen: `bench page` runs this.
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { buildPage } from "./built-page.ts";
import { launchChromium } from "./chromium.ts";
import { contentTypes } from "./page-server.ts";

const BYTES_PER_SECOND = 1_600_000 / 8;
const PIECE_BYTES = 1460;
const SLOWER = 4;
const TIMES = 5;
const PATIENCE_MS = 60_000;

interface FirstPicture {
  /** From the request for the page: when it showed anything, and when its machine was drawn; bytes of all that came until then. */
  readonly anythingMs: number;
  readonly machineMs: number;
  readonly bytes: number;
}

/** One line for all that is asked for, as narrow as it is: pieces of what goes at the same time take turns. */
class NarrowLine {
  sentBytes = 0;
  #freeAtMs = 0;

  async send(response: ServerResponse, body: Buffer): Promise<void> {
    for (let at = 0; at < body.length; at += PIECE_BYTES) {
      const piece = body.subarray(at, at + PIECE_BYTES);
      this.#freeAtMs = Math.max(this.#freeAtMs, performance.now()) + (piece.length * 1000) / BYTES_PER_SECOND;
      const waitMs = this.#freeAtMs - performance.now();
      if (waitMs > 1) await sleep(waitMs);
      response.write(piece);
      this.sentBytes += piece.length;
    }
    response.end();
  }
}

/** The page as `memhp serve` sends it, compressed and to be kept, over such a line. */
async function serveNarrowly(folder: string): Promise<{ url: string; line: NarrowLine; close: () => void }> {
  const line = new NarrowLine();
  const packed = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const name = path === "/" ? "index.html" : path;
    try {
      const body = packed.get(name) ?? brotliCompressSync(readFileSync(join(folder, name)));
      packed.set(name, body);
      response.writeHead(200, {
        "content-type": contentTypes[extname(name)] ?? "application/octet-stream",
        "content-encoding": "br",
        "cache-control": name === "index.html" ? "no-cache" : "public, max-age=31536000, immutable",
      });
      void line.send(response, body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    line,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A first visit, which has nothing from before. */
async function visit(browser: Browser, url: string, line: NarrowLine): Promise<FirstPicture> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  // Of the page's own thread: its worker is as fast as the computer.
  const before = line.sentBytes;
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForFunction(() => performance.getEntriesByName("memhp:paint").length > 0, undefined, {
    polling: "raf",
  });
  const machineMs = await page.evaluate(
    () =>
      // Drawn is seen at the next frame.
      new Promise<number>((seen) => requestAnimationFrame(() => setTimeout(() => seen(performance.now())))),
  );
  const bytes = line.sentBytes - before;
  const anythingMs = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
  );
  if (process.argv.includes("--trace"))
    console.error(
      await page.evaluate(() =>
        performance
          .getEntriesByType("resource")
          .map((each) => {
            const { name, startTime, responseEnd } = each as PerformanceResourceTiming;
            return `${name.replace(/.*\//, "")} ${startTime.toFixed(0)}-${responseEnd.toFixed(0)}`;
          })
          .join("\n"),
      ),
    );
  await context.close();
  return { anythingMs, machineMs, bytes };
}

const built = await buildPage();
const server = await serveNarrowly(built.folder);
const browser = await launchChromium();
try {
  const visits: FirstPicture[] = [];
  for (let i = 0; i < TIMES; i++) visits.push(await visit(browser, server.url, server.line));
  visits.sort((a, b) => a.machineMs - b.machineMs);
  console.log(JSON.stringify(visits[TIMES >> 1]));
  if (process.argv.includes("--trace")) console.error(visits);
} finally {
  await browser.close();
  server.close();
  built.remove();
}
