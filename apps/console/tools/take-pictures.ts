// The picture and the short tour of the READMEs, from the page as it is: `node --conditions=@memhp/source apps/console/tools/take-pictures.ts`.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { buildPage } from "../test/browser/built-page.ts";
import { launchChromium } from "../test/browser/chromium.ts";
import { isReady } from "../test/browser/open-page.ts";
import { servePage } from "../test/browser/page-server.ts";
import { MOST_BYTES, pictureFile } from "./picture-files.ts";

const host = fileURLToPath(new URL("../test/captured-host.tar.gz", import.meta.url));
/** Of a picture of the tour; half of what is looked at, and sharp enough to read. */
const TOUR_WIDTH = 960;
const SHOWN_MS = 2600;

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** What is shown, one after another, and how somebody comes to it. The first picture of the README is that of `refusal`. */
const stops: readonly { readonly name: string; readonly show: (page: Page) => Promise<unknown> }[] = [
  { name: "start", show: (page) => button(page, "The middle block").waitFor() },
  {
    name: "refusal",
    async show(page) {
      await button(page, "The middle block").click();
      const lesson = page.getByRole("region", { name: "Lesson" });
      for (const step of ["2 of", "3 of"]) {
        await lesson.getByRole("button", { name: "Go on" }).click();
        await lesson.getByText(step).waitFor();
        await isReady(page);
      }
      await page.getByRole("status", { name: "Outcome" }).getByText("EINVAL").first().waitFor();
    },
  },
  {
    name: "statecharts",
    async show(page) {
      await page.getByRole("tab", { name: "Statecharts" }).click();
      await page.getByRole("figure", { name: "Memory block" }).locator("svg").waitFor();
    },
  },
  {
    name: "host",
    async show(page) {
      await page.locator('#machine input[type="file"]').setInputFiles(host);
      await page.getByText(/The host that was captured/).waitFor();
      await page.getByRole("tab", { name: "Host" }).click();
      await page.getByRole("region", { name: "Captured host" }).waitFor();
      await button(page, "Filter and layers").click();
      const layers = page.getByRole("region", { name: "Layers of the map" });
      await layers.getByRole("button", { name: "Forecast of all blocks on the map" }).click();
      await layers.getByText(/\d+ would go offline/).waitFor();
      await button(page, "Filter and layers").click();
    },
  },
  {
    name: "pages",
    async show(page) {
      const map = page.getByRole("application", { name: "Block map" });
      for (const key of ["End", "Enter"]) await map.press(key);
      await page.getByRole("application", { name: /^Pageblocks of/ }).press("ArrowRight");
      await page.getByText(/^Pageblock 1 of/).waitFor();
    },
  },
  {
    name: "a thousand nodes",
    async show(page) {
      await page.getByLabel("Kernel", { exact: true }).selectOption("6.12");
      for (const [label, text] of [
        ["Nodes", "1024"],
        ["Memory per node", "4G"],
        ["DIMM size", "8G"],
      ] as const)
        await page.getByLabel(label, { exact: true }).fill(text);
      await page.getByLabel("Memory block", { exact: true }).selectOption("128M");
      await button(page, "Boot").click();
      await page.getByText("32,768 of 98,304 blocks").waitFor();
      await isReady(page);
      await page.getByLabel("Tiles show").selectOption("online");
      await page.getByRole("application", { name: "Node map" }).waitFor();
    },
  },
];

async function taken(page: Page): Promise<Buffer> {
  // What is drawn after a picture of the machine has come is drawn by then.
  await page.waitForTimeout(500);
  return page.screenshot({ animations: "disabled", caret: "hide" });
}

const built = await buildPage();
const server = await servePage(built.folder);
const browser = await launchChromium();
try {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  page.setDefaultTimeout(60_000);
  await page.goto(server.url);
  await isReady(page);
  const pictures: Buffer[] = [];
  for (const { name, show } of stops) {
    await show(page);
    await page.mouse.move(0, 0);
    const picture = await taken(page);
    if (name === "refusal") keep("console.png", await sharp(picture).png({ palette: true, effort: 10 }).toBuffer());
    pictures.push(await sharp(picture).resize(TOUR_WIDTH).png().toBuffer());
  }
  const tour = sharp(pictures, { join: { animated: true } });
  keep(
    "tour.webp",
    await tour.webp({ quality: 60, effort: 6, delay: pictures.map(() => SHOWN_MS), loop: 0 }).toBuffer(),
  );
} finally {
  await browser.close();
  server.close();
  built.remove();
}

function keep(name: keyof typeof MOST_BYTES, bytes: Buffer): void {
  if (bytes.length > MOST_BYTES[name])
    throw new Error(`${name} has ${bytes.length} bytes, more than ${MOST_BYTES[name]}`);
  writeFileSync(pictureFile(name), bytes);
  console.log(`${name}: ${(bytes.length / 1000).toFixed(0)} kB`);
}
