import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { lessons } from "../../../src/lessons/lesson-list.ts";
import { type Hands, isReady } from "./hands.ts";
import type { Scene, View } from "./scene.ts";
import { resultsText } from "./sweep.ts";

const traces = new URL("../../../../../tools/conformance/kernel-traces/", import.meta.url);
const host = fileURLToPath(new URL("../../captured-host.tar.gz", import.meta.url));

async function openExample({ page, choose, press }: Hands, file: string): Promise<void> {
  await choose(page.getByLabel("Built-in example"), file);
  await press(page.getByRole("button", { name: "Open", exact: true }));
}

const fileField = (page: Page) => page.locator('#machine input[type="file"]');

function openText({ page, give }: Hands, name: string, text: string): Promise<void> {
  return give(fileField(page), { name, mimeType: "text/plain", buffer: Buffer.from(text) });
}

/** Each where it has told something. */
const lessonViews: readonly View[] = lessons.map(({ title, file }) => ({
  name: `lesson: ${title}`,
  sides: ["block"],
  by: "pointer",
  async show(hands) {
    const { page, press } = hands;
    await openExample(hands, file);
    const lesson = page.getByRole("region", { name: "Lesson" });
    await lesson.getByRole("heading", { name: title }).waitFor();
    for (const step of ["2 of", "3 of"]) {
      await press(lesson.getByRole("button", { name: "Go on" }));
      await lesson.getByText(step).waitFor();
      await isReady(page);
    }
  },
}));

/** A recorded run in which the kernel is made to have answered something else. */
function differingTrace(): string {
  const trace = JSON.parse(readFileSync(new URL("4.1/order-mv-middle-first.json", traces), "utf8")) as {
    steps: { step: { op: string }; result: { errno: unknown } }[];
  };
  Object.assign(trace.steps.find(({ step }) => step.op === "block")?.result ?? {}, { errno: "ENOSPC" });
  return JSON.stringify(trace);
}

/** What is opened: lessons, a run beside the kernel's, a captured host, results. */
export const documentScene: Scene = {
  name: "documents",
  goesByKeyboard: true,
  views: [
    ...lessonViews,
    {
      name: "a step that differs",
      async show(hands) {
        const { page, press, key } = hands;
        await openText(hands, "changed.json", differingTrace());
        await page.getByText("9 of 10 steps as the kernel").waitFor();
        await press(page.getByRole("button", { name: "To the end" }));
        await page.getByText("step 10 of 10").waitFor();
        const steps = page.getByRole("list", { name: "Steps" });
        for (const [at, typed] of ["Home", "ArrowDown", "ArrowDown"].entries()) {
          await key(steps, typed);
          await page.getByText(`step ${at + 1} of 10`).waitFor();
          await isReady(page);
        }
        await page.getByText("1 difference: result.errno").waitFor();
      },
    },
    {
      name: "a step that would drop what was done",
      async show({ page, press }) {
        await press(page.getByRole("button", { name: "Insert DIMM" }));
        await isReady(page);
        await press(page.getByRole("button", { name: "Previous" }));
        await page.getByRole("alert").first().waitFor();
      },
    },
    {
      name: "a captured host",
      async show({ page, tab, give }) {
        await give(fileField(page), host);
        await page.getByText(/The host that was captured, Linux 6\.12/).waitFor();
        await tab("Host");
        await page.getByRole("region", { name: "Captured host" }).waitFor();
      },
    },
    {
      name: "results of a sweep",
      async show(hands) {
        await openText(hands, "out.jsonl", resultsText());
        await hands.page
          .getByRole("dialog", { name: "Results of a sweep: out.jsonl" })
          .locator("svg circle")
          .first()
          .waitFor();
      },
      leave: ({ page }) => page.keyboard.press("Escape"),
    },
    {
      name: "a file held over the page",
      by: "pointer",
      async show({ page }) {
        const data = await page.evaluateHandle(() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["{}"], "a.json"));
          return transfer;
        });
        await page.dispatchEvent("body", "dragover", { dataTransfer: data });
        await page.getByText("Drop a scenario, a kernel trace").waitFor();
      },
      leave: ({ page }) => page.dispatchEvent("body", "dragleave"),
    },
  ],
};
