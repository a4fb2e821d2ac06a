// Drives the built page in Chromium and prints what it measured as JSON: `bench page` runs this.
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
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
  /** While some blocks go on- and offline by turns, a thousand of them in a second. */
  readonly steady?: Frames & { readonly changesPerSecond: number };
  /** From the click on Cancel, midway through all blocks, until the machine waits for the person again. */
  readonly cancelMs?: number;
  /** Megabytes that the page's process has for itself, after so many events. */
  readonly memory?: readonly { readonly events: number; readonly megabytes: number }[];
}

/** A steady source changes so many blocks at a time, all through a second. */
const STEADY_PER_SECOND = 1000;
const STEADY_BLOCKS = 50;
const STEADY_MS = 10_000;
/** The log is full at half a million: from there on nothing may grow. */
const MEMORY_AT = [250_000, 1_000_000, 2_000_000, 3_000_000];

/** Chromium's allocator gives back what is free when nothing was done for some time: 221 MB are 134 then, with the same kept. */
const ALLOCATOR_MS = 25_000;
/** Nothing is measured by how long a wait may take. */
const PATIENCE_MS = 300_000;

const isReady = (page: Page): Promise<unknown> => page.waitForSelector('html[data-page="ready"]');

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

/** Runs in the page: writes by turns to the chosen blocks, at even times, and counts frames. */
async function framesUnder([everyMs, forMs]: [number, number]): Promise<Frames> {
  const words = ["online_movable", "offline"];
  const buttons = words.map((word) =>
    [...document.querySelectorAll("button")].find((each) => each.textContent === word),
  );
  let turn = 0;
  const timer = setInterval(() => buttons[turn++ % 2]?.click(), everyMs);
  const times: number[] = [];
  const began = performance.now();
  let last = began;
  await new Promise<void>((done) => {
    const frame = (now: number): void => {
      if (now > last) times.push(now - last);
      last = now;
      if (now - began < forMs) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  clearInterval(timer);
  times.sort((a, b) => a - b);
  return { fps: 1000 / (times[times.length >> 1] ?? 1), worstMs: times.at(-1) ?? 0 };
}

/** A steady source of changes: a few blocks of the first node's device go on- and offline, twenty times a second. */
async function steadily(page: Page): Promise<Frames & { changesPerSecond: number }> {
  const field = page.getByRole("textbox", { name: "Blocks", exact: true });
  const places = page.getByRole("textbox", { name: "Go to" });
  await places.fill("n0d0");
  await places.press("Enter");
  await page.waitForFunction((input) => /^\d+$/.test((input as HTMLInputElement).value), await field.elementHandle());
  const first = Number(await field.inputValue());
  await field.fill(`${first}-${first + STEADY_BLOCKS - 1}`);
  await page.waitForTimeout(1000);
  const everyMs = (STEADY_BLOCKS * 1000) / STEADY_PER_SECOND;
  const done = async (): Promise<number> => {
    const [, deeds = "0"] = /([\d,]+) of [\d,]+/.exec(await page.locator(".time .where").innerText()) ?? [];
    return Number(deeds.replaceAll(",", ""));
  };
  const before = await done();
  const frames = await page.evaluate(framesUnder, [everyMs, STEADY_MS] as [number, number]);
  const writes = (await done()) - before;
  await isReady(page);
  return { ...frames, changesPerSecond: (writes * STEADY_BLOCKS * 1000) / STEADY_MS };
}

/** Begins to bring all blocks online, and stops it when its progress is seen. */
async function cancelled(page: Page): Promise<number> {
  await page.getByRole("textbox", { name: "Blocks", exact: true }).fill("offline");
  await page.getByRole("button", { name: "online_movable", exact: true }).click();
  const cancel = page.getByRole("button", { name: "Cancel" });
  await cancel.waitFor();
  const began = performance.now();
  await cancel.click();
  await isReady(page);
  const ms = performance.now() - began;
  if (!/Stopped with \d+ of/.test(await page.getByRole("status", { name: "Outcome" }).innerText()))
    throw new Error("a bulk write went on after Cancel");
  return ms;
}

/** Megabytes that only the process of the page has, garbage left out. Linux says so; elsewhere nothing is measured. */
async function privateMegabytes(browser: Browser, page: Page): Promise<number> {
  const collect = (): void => (globalThis as unknown as { gc: () => void }).gc();
  for (let i = 0; i < 3; i++) {
    await page.evaluate(collect);
    for (const worker of page.workers()) await worker.evaluate(collect);
  }
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  // The page measured is the one that has worked most.
  const [busiest] = processInfo.filter(({ type }) => type === "renderer").sort((a, b) => b.cpuTime - a.cpuTime);
  const rollup = readFileSync(`/proc/${busiest?.id}/smaps_rollup`, "utf8");
  const kilobytes = [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].map(([, text]) => Number(text));
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1000;
}

/** All blocks go on- and offline until so many events went by. */
async function memoryOf(browser: Browser, page: Page): Promise<NonNullable<Measured["memory"]>> {
  const measured: { events: number; megabytes: number }[] = [];
  const events = async (): Promise<number> => {
    const [, , all = "0"] = /([\d,]+) of ([\d,]+)/.exec(await page.getByRole("tabpanel").innerText()) ?? [];
    return Number(all.replaceAll(",", ""));
  };
  for (const wanted of MEMORY_AT) {
    for (let on = true; (await events()) < wanted; on = !on) {
      await page.getByRole("textbox", { name: "Blocks", exact: true }).fill(on ? "offline" : "movable");
      await page.getByRole("button", { name: on ? "online_movable" : "offline", exact: true }).click();
      await page.waitForTimeout(100);
      await isReady(page);
    }
    await page.waitForTimeout(ALLOCATOR_MS);
    measured.push({ events: await events(), megabytes: await privateMegabytes(browser, page) });
  }
  return measured;
}

async function measure(browser: Browser, page: Page, form: MachineForm): Promise<Measured> {
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
  const numbers = await page.locator(".numbers").innerText();
  const [, before = "0", all = "0"] = /([\d,]+) of ([\d,]+) blocks/.exec(numbers) ?? [];
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
  const online = {
    nodes: await seen("nodes", "offline", "online_movable"),
    blocks: await seen("blocks", "movable", "offline"),
  };
  const steady = await steadily(page);
  const cancelMs = await cancelled(page);
  const longestMs = await longest();
  const isOnLinux = process.platform === "linux";
  const memory = isOnLinux && form === machines[0] ? { memory: await memoryOf(browser, page) } : {};
  return { machine: form.name, bootMs, online, steady, cancelMs, longestMs, ...memory };
}

const built = await buildPage();
const server = await servePage(built.folder);
const browser = await launchChromium("--js-flags=--expose-gc");
try {
  const measured: Measured[] = [];
  const [wanted = ""] = process.argv.slice(2);
  for (const form of machines.filter(({ name }) => name.startsWith(wanted))) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(server.url);
    await isReady(page);
    await page.getByRole("button", { name: "Insert DIMM" }).waitFor();
    measured.push(await measure(browser, page, form));
    await page.close();
  }
  console.log(JSON.stringify(measured));
} finally {
  await browser.close();
  server.close();
  built.remove();
}
