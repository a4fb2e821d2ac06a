import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { diagramText, statecharts } from "../src/commands/diagram.ts";
import { memhp } from "./test-host.ts";

/** READMEs that hold a diagram, between `<!-- memhp diagram NAME -->` and `<!-- end -->`. */
const readmes: readonly (readonly [name: string, file: string])[] = [
  ["block", "packages/block/README.md"],
  ["dimm", "packages/acpi/README.md"],
  ["container", "packages/acpi/README.md"],
];

for (const [name, file] of readmes) {
  test(`${file} shows the ${name}'s statechart as it is (else: memhp diagram ${name})`, () => {
    const text = readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");
    const shown = new RegExp(`<!-- memhp diagram ${name} -->\n\n\`\`\`mermaid\n([^]*?)\`\`\`\n\n<!-- end -->`).exec(
      text,
    )?.[1];
    expect(shown).toBe(diagramText(name, "mermaid"));
  });
}

test("every statechart prints in every format", async () => {
  for (const name of Object.keys(statecharts)) {
    expect((await memhp(["diagram", name])).stdout).toMatch(/^stateDiagram-v2\n/);
    expect((await memhp(["diagram", name, "--format", "svg"])).stdout).toMatch(/^<svg [^]*<\/svg>\n$/);
    const model = JSON.parse((await memhp(["diagram", name, "--format", "json"])).stdout) as {
      states: { id: string }[];
    };
    expect(model.states.length).toBeGreaterThan(3);
  }
});

test("the block's diagram has the states of the design", async () => {
  const { stdout } = await memhp(["diagram", "block", "--format", "json"]);
  const { states } = JSON.parse(stdout) as { states: { id: string }[] };
  const ids = states.map((state) => state.id);
  for (const state of ["offline", "going_online", "online", "going_offline", "going_offline.migrating", "gone"])
    expect(ids).toContain(`block.${state}`);
});

test("an unknown statechart or format is wrong usage", async () => {
  expect(await memhp(["diagram", "rocket"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("there are: block, dimm, container") as string,
  });
  expect(await memhp(["diagram", "block", "--format", "png"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("allowed: mermaid, svg, json") as string,
  });
});
