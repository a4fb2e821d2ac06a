import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { bootNodes, isReady, outcome, picture, write } from "./open-page.ts";
import { servedConsole } from "./served-console.ts";

/** Code that a first visit loads, that of its worker included, as `memhp serve` sends it. */
const FIRST_LOAD_KB = 180;
/** The same with all that it loads behind its picture: forms, operations, images. */
const WHOLE_VISIT_KB = 275;
/** Script time of one picture of a map of 32,768 blocks; a frame at 60 per second has 16 ms. */
const PAINT_MS = 50;

const { folder, openOnce } = servedConsole();

describe("size and speed", { timeout: 30_000 }, () => {
  const asked: string[] = [];
  // Of the whole browser context: what workers ask for counts as well.
  const opened = openOnce({ onRequest: (url) => asked.push(new URL(url).pathname) });

  test("a first visit loads little code", async () => {
    const page = opened();
    // Forms and operations come behind the picture, so that they are there when somebody acts.
    await page.getByRole("button", { name: "Insert DIMM" }).waitFor();
    // What is done with images comes last.
    await expect.poll(() => asked.some((path) => /\/image-file-/.test(path))).toBe(true);
    const code = [...new Set(asked)].filter((path) => /\.(?:js|css)$/.test(path));
    const sent = new Map(
      code.map((path) => [
        path,
        brotliCompressSync(readFileSync(join(folder(), path.replace("/console/", "")))).length,
      ]),
    );
    const measured = (what: string, paths: readonly string[]): number => {
      const kilobytes = paths.reduce((sum, path) => sum + (sent.get(path) ?? 0), 0) / 1000;
      console.log(`${what}: ${kilobytes.toFixed(1)} kB with brotli, in ${paths.length} files`);
      return kilobytes;
    };
    // In the order in which it was asked for: on a busy computer the picture may be looked at late.
    const behind = code.findIndex((path) => /\/(?:side|hands)-/.test(path));
    expect(behind).toBeGreaterThan(1);
    expect(measured("first picture", code.slice(0, behind))).toBeLessThan(FIRST_LOAD_KB);
    expect(measured("whole visit", code)).toBeLessThan(WHOLE_VISIT_KB);
  });

  test("a map of 32,768 blocks stays usable", async () => {
    const page = opened();
    await bootNodes(page, 64, "8G", "56G");
    await page.getByText("4,096 of 32,768 blocks").waitFor();
    await page.getByRole("application", { name: "Node map" }).waitFor();
    await picture(page, "nodes");
    await page.getByRole("group", { name: "Whole machine as" }).getByRole("button", { name: "blocks" }).click();
    for (let i = 0; i < 4; i++) await page.getByRole("button", { name: "Larger squares" }).click();
    expect(await write(page, "offline", "online_movable")).toContain("→ 28672 of 28672 onlined");
    await page.locator(".numbers").getByText("32,768 of 32,768 blocks").waitFor();
    const { fps, paints } = await page.evaluate(scrollAndHover);
    const median = paints.at(paints.length / 2) ?? Infinity;
    console.log(
      `32,768 blocks: ${fps.toFixed(0)} frames per second, ${median.toFixed(1)} ms script for a picture, ${(paints.at(-1) ?? Infinity).toFixed(1)} ms at most`,
    );
    await picture(page, "large");
    expect(paints.length).toBeGreaterThan(10);
    expect(median).toBeLessThan(PAINT_MS);
  });

  test("onlining 65,536 blocks of 98,304 shows how far it is, stops when somebody says so, and leaves a machine that goes on", async () => {
    const page = opened();
    await bootNodes(page, 1024, "4G", "8G");
    const online = (blocks: number): Promise<void> =>
      page
        .locator(".numbers")
        .getByText(`${blocks.toLocaleString("en")} of 98,304 blocks`)
        .waitFor();
    await online(32_768);
    await page.getByRole("textbox", { name: "Blocks", exact: true }).fill("offline");
    await page.getByRole("button", { name: "online_movable", exact: true }).click();
    await page.getByRole("progressbar", { name: "Done" }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await isReady(page);
    const told = await outcome(page);
    const [, left, onlined] = /Stopped with (\d+) of 32 steps left\. → (\d+) of \2 onlined/.exec(told) ?? [told];
    // Pieces of 2,048: what was done was done whole, and what is left was not begun.
    expect({ told, onlined: Number(onlined) }).toEqual({ told, onlined: (32 - Number(left)) * 2048 });
    await online(32_768 + Number(onlined));
    expect(await write(page, "movable", "offline")).toContain(`→ ${onlined} of ${onlined} offlined`);
    await online(32_768);
  }, 60_000);
});

/** Runs in the page: sixty pictures of scrolling and pointing, or two seconds of it. Paint times come ascending, in milliseconds. */
async function scrollAndHover(): Promise<{ fps: number; paints: number[] }> {
  const map = document.querySelector(".map-scroller") as HTMLElement;
  const { x, y } = map.getBoundingClientRect();
  performance.clearMeasures();
  const began = performance.now();
  let frames = 0;
  await new Promise<void>((done) => {
    const frame = (now: number): void => {
      frames += 1;
      map.scrollTop = (frames * 37) % (map.scrollHeight - map.clientHeight);
      map.dispatchEvent(
        new PointerEvent("pointermove", {
          clientX: x + 40 + ((frames * 31) % 600),
          clientY: y + 30 + ((frames * 17) % 200),
          bubbles: true,
        }),
      );
      if (frames < 60 && now - began < 2000) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  const paints = performance.getEntriesByName("memhp:paint").map(({ duration }) => duration);
  return { fps: (frames * 1000) / (performance.now() - began), paints: paints.sort((a, b) => a - b) };
}
