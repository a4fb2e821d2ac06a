import type { NodeRequest } from "@memhp/hotplug";
import { expect, test } from "vitest";
import { add, blocks, createLab, FIRST } from "./lab.ts";

const COUNT = 300;
const all = blocks(FIRST, COUNT);
const changes: readonly NodeRequest[] = [
  { op: "online", node: 1, blocks: all, type: "movable" },
  { op: "offline", node: 1, blocks: all },
];

test("a thread hears what else there is within one node of many blocks, and nothing else comes of it", async () => {
  let breaths = 0;
  const breathing = createLab("6.12", { breathe: async () => void breaths++ });
  const holding = createLab("6.12");
  for (const lab of [breathing, holding]) await lab.run([add(1, FIRST, COUNT)]);
  for (const change of changes) {
    breaths = 0;
    expect(await breathing.run([change])).toEqual(await holding.run([change]));
    expect(breaths).toBeGreaterThan(2);
  }
});
