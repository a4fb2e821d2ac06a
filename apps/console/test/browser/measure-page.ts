// Drives the built page in Chromium and prints what it measured as JSON: `bench page` runs this.
import type { Page } from "playwright-core";
import { buildPage } from "./built-page.ts";
import { launchChromium } from "./chromium.ts";
import { servePage } from "./page-server.ts";

interface MachineForm {
  readonly name: string;
  readonly nodes: number;
  readonly memory: string;
  readonly dimm: string;
}

// Blocks of 128 MiB, of which the boot memory is online.
const machines: readonly MachineForm[] = [
  { name: "32,768 blocks on 64 nodes", nodes: 64, memory: "8G", dimm: "56G" },
  { name: "98,304 blocks on 1,024 nodes", nodes: 1024, memory: "4G", dimm: "8G" },
  { name: "524,288 blocks on 1,024 nodes", nodes: 1024, memory: "4G", dimm: "60G" },
];
/** Of the largest only the boot is measured. */
const MOST_ONLINED = 100_000;

interface Frames {
  readonly fps: number;
  readonly worstMs: number;
}

interface Measured {
  readonly machine: string;
  readonly bootMs: number;
  /** The longest task of the page's thread since the boot began; 0 where none took 50 ms. */
  readonly longestMs: number;
  /** While all blocks come online, seen as nodes and as blocks; median of the frames, and the longest. */
  readonly online?: Readonly<Record<"nodes" | "blocks", Frames & { readonly changesPerSecond: number }>>;
}

const isReady = (page: Page): Promise<unknown> => page.waitForSelector('html[data-page="ready"]', { timeout: 120_000 });

async function boot(page: Page, { nodes, memory, dimm }: MachineForm): Promise<number> {
  await page.getByLabel("Kernel", { exact: true }).selectOption("6.12");
  await page.getByLabel("Nodes", { exact: true }).fill(String(nodes));
  await page.getByLabel("Memory per node").fill(memory);
  await page.getByLabel("DIMM size").fill(dimm);
  await page.getByLabel("Memory block", { exact: true }).selectOption("128M");
  const began = performance.now();
  await page.getByRole("button", { name: "Boot", exact: true }).click();
  await page.waitForSelector('html:not([data-page="ready"])');
  await isReady(page);
  return performance.now() - began;
}

/** Runs in the page: writes to all chosen blocks, and counts frames until the answer is there. */
async function framesMeanwhile(word: string): Promise<Frames & { readonly ms: number }> {
  const button = [...document.querySelectorAll("button")].find((each) => each.textContent === word);
  const times: number[] = [];
  let last = 0;
  const began = performance.now();
  button?.click();
  await new Promise<void>((done) => {
    const frame = (now: number): void => {
      if (last > 0) times.push(now - last);
      last = now;
      if (now - began < 100 || document.documentElement.dataset["page"] !== "ready") requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  times.sort((a, b) => a - b);
  return { fps: 1000 / (times[times.length >> 1] ?? 1), worstMs: times.at(-1) ?? 0, ms: performance.now() - began };
}

async function measure(page: Page, form: MachineForm): Promise<Measured> {
  await page.evaluate(() => {
    const own = globalThis as unknown as { tasks: number[] };
    own.tasks = [];
    new PerformanceObserver((list) => own.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: "longtask",
    });
  });
  const longest = (): Promise<number> =>
    page.evaluate(() => Math.max(0, ...(globalThis as unknown as { tasks: number[] }).tasks));
  const bootMs = await boot(page, form);
  const online = await page.locator(".numbers").innerText();
  const [, before = "0", all = "0"] = /([\d,]+) of ([\d,]+) blocks/.exec(online) ?? [];
  const [first, total] = [before, all].map((text) => Number(text.replaceAll(",", ""))) as [number, number];
  if (total > MOST_ONLINED) return { machine: form.name, bootMs, longestMs: await longest() };
  const seen = async (view: string, blocks: string, word: string): Promise<Frames & { changesPerSecond: number }> => {
    const views = page.getByRole("group", { name: "Whole machine as" });
    await views.getByRole("button", { name: view, exact: true }).click();
    await page.getByRole("textbox", { name: "Blocks", exact: true }).fill(blocks);
    await page.waitForTimeout(1000);
    const { fps, worstMs, ms } = await page.evaluate(framesMeanwhile, word);
    return { fps, worstMs, changesPerSecond: ((total - first) * 1000) / ms };
  };
  return {
    machine: form.name,
    bootMs,
    online: {
      nodes: await seen("nodes", "offline", "online_movable"),
      blocks: await seen("blocks", "movable", "offline"),
    },
    longestMs: await longest(),
  };
}

const built = await buildPage();
const server = await servePage(built.folder);
const browser = await launchChromium();
try {
  const measured: Measured[] = [];
  for (const form of machines) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(server.url);
    await isReady(page);
    await page.getByRole("button", { name: "Insert DIMM" }).waitFor();
    measured.push(await measure(page, form));
    await page.close();
  }
  console.log(JSON.stringify(measured));
} finally {
  await browser.close();
  server.close();
  built.remove();
}
