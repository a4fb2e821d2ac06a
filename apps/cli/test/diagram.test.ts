import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { diagramText, statecharts } from "../src/commands/diagram.ts";
import { memhp } from "./test-host.ts";

/** Pictures that READMEs show: `memhp diagram NAME --format svg > FILE` draws them anew. */
const pictures: readonly (readonly [name: string, file: string])[] = [
  ["block", "packages/block/pictures/block.svg"],
  ["dimm", "packages/acpi/pictures/memory-device.svg"],
  ["container", "packages/acpi/pictures/container.svg"],
];

for (const [name, file] of pictures) {
  test(`${file} shows the ${name}'s statechart as it is`, () => {
    const picture = new URL(`../../../${file}`, import.meta.url);
    expect(readFileSync(picture, "utf8")).toBe(diagramText(name, "svg"));
    expect(readFileSync(new URL("../README.md", picture), "utf8")).toContain(`(pictures/${basename(file)})`);
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
