import type { Tour } from "./scene.ts";

/** As memhp sweep --out writes it: two seeds of sizes under two kernels, the last line half written. */
export function resultsText(): string {
  return `${resultLines().join("\n")}\n{"run":11,`;
}

function resultLines(): string[] {
  const sweep = {
    format: "memhp-sweep/1",
    question: "Does it <i>go</i> again?",
    parameters: { kernel: ["4.1", "6.12"], size: ["128M", "256M", "1G"] },
    seeds: { count: 2 },
    scenario: { kernel: "{{kernel}}", machine: { memory: "1G" }, steps: [{ op: "state", label: "end" }] },
    measures: { back: { value: "steps.end.result.back" } },
  };
  const runs = Array.from({ length: 11 }, (_, run) => {
    const parameters = { kernel: run % 6 < 3 ? "4.1" : "6.12", size: sweep.parameters.size[run % 3] };
    return { run, seed: Math.floor(run / 6), parameters, measures: { back: run } };
  });
  return [{ format: "memhp-sweep-results/1", runs: 12, sweep }, ...runs].map((line) => JSON.stringify(line));
}

/** The page of `memhp sweep --serve`. */
export const sweepTour: Tour = {
  at: "#sweep",
  tolerates: /^asked .*\/api\/v1\/sweep/,
  before: (context) =>
    context.route("**/api/v1/sweep?*", (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get("from"));
      return route.fulfill({ json: { lines: resultLines().slice(from), over: false } });
    }),
  scenes: [
    {
      name: "sweep",
      views: (["Curves", "Heat map", "Distribution"] as const).map((name) => ({
        name: `a sweep that runs: ${name.toLowerCase()}`,
        async show({ page, press }) {
          await press(page.getByRole("button", { name, exact: true }));
          await page.locator("figure svg").waitFor();
        },
      })),
    },
  ],
};
