import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { giveFile, outcome, picture } from "./open-page.ts";
import { servedConsole } from "./served-console.ts";

const { openOnce } = servedConsole();

const traces = new URL("../../../../tools/conformance/kernel-traces/", import.meta.url);

describe("scenarios and traces", { timeout: 240_000 }, () => {
  const opened = openOnce();

  test("a file that is no scenario is refused in words, and the machine stays", async () => {
    const page = opened();
    await giveFile(page, "notes.yaml", "format: shopping-list");
    await expect.poll(() => outcome(page), { timeout: 10_000 }).toContain("notes.yaml: format");
    await page.getByText("32 of 48 blocks").waitFor();
  });

  test("a recorded kernel trace is replayed step by step, and all steps match", async () => {
    const page = opened();
    await page.getByLabel("Built-in example").selectOption("4.1/order-mv-descending.json");
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await page.getByText("12 of 12 steps as the kernel 4.1 answered").waitFor();
    const next = page.getByRole("button", { name: "Next" });
    for (let step = 1; step <= 4; step++) {
      await next.click();
      await page.getByText(`step ${step} of 12`).waitFor();
    }
    await page.getByText("18 of 24 blocks").waitFor();
    const fields = page.getByRole("region", { name: "Step 4" });
    expect(await fields.locator('tr[data-mark="differs"]').count()).toBe(0);
    expect(await fields.getByRole("row").nth(1).innerText()).toMatch(
      /result\.before\.\s*state\s+"offline\\n"\s+"offline\\n"/,
    );
    await picture(page, "trace");
    await page.getByRole("button", { name: "Previous" }).click();
    await page.getByText("17 of 24 blocks").waitFor();
    await page.getByRole("button", { name: "To the end" }).press("Enter");
    await page.getByText("step 12 of 12").waitFor();
    // A button keeps the focus while the page works, so that it can be pressed again and again.
    const previous = page.getByRole("button", { name: "Previous" });
    await previous.focus();
    for (const step of [11, 10, 9]) {
      await page.keyboard.press("Enter");
      await page.getByText(`step ${step} of 12`).waitFor();
    }
  });

  test("a dropped trace that differs is marked where it differs", async () => {
    const page = opened();
    const trace = JSON.parse(readFileSync(new URL("4.1/order-mv-middle-first.json", traces), "utf8")) as {
      steps: { step: { op: string }; result: { errno: unknown } }[];
    };
    const step = trace.steps.findIndex((each) => each.step.op === "block");
    Object.assign(trace.steps[step]?.result ?? {}, { errno: "ENOSPC" });
    const data = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], "changed.json", { type: "application/json" }));
      return transfer;
    }, JSON.stringify(trace));
    await page.dispatchEvent("body", "dragover", { dataTransfer: data });
    await page.getByText("Drop a scenario, a kernel trace").waitFor();
    await page.dispatchEvent("body", "drop", { dataTransfer: data });
    const steps = page.getByRole("list", { name: "Steps" }).getByRole("listitem");
    await steps.nth(step).getByLabel("differs").waitFor();
    await steps.nth(step).getByRole("button").click();
    await page.getByText("1 difference: result.errno").waitFor();
    await picture(page, "difference");
    expect(await page.locator('tr[data-mark="differs"]').innerText()).toMatch(
      /≠\s+differs\s+result\.\s*errno\s+"ENOSPC"\s+"EINVAL"/,
    );
  });
});
