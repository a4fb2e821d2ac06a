import { snapshotMemoryMap } from "@memhp/engine";
import type { NodeRequest } from "@memhp/hotplug";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { add, createLab, FIRST, remove } from "./lab.ts";

const wrong = [Number.NaN, -1, 0.5, 1e300, Number.POSITIVE_INFINITY, "foo", null, undefined, {}, Symbol("s"), 10n, 777];
const good = {
  online: { op: "online", node: 1, blocks: [FIRST], type: "online" },
  offline: { op: "offline", node: 1, blocks: [FIRST] },
  add: add(1, FIRST + 8, 1),
  remove: remove(1, FIRST, 1),
  remember_type: { op: "remember_type", node: 1, block: FIRST, type: "movable" },
  set_unmovable: { op: "set_unmovable", node: 1, block: FIRST, unmovable: true },
  set_firmware: { op: "set_firmware", node: 1, blocks: [FIRST] },
} satisfies Record<string, NodeRequest>;
/** Fields of a request that may be anything to whoever sends it. */
const fields = ["op", "node", "blocks", "block", "type", "startPfn", "nrPages"] as const;

describe.for(["4.1", "6.12"])("a batch on %s", (kernel) => {
  test("with a request that is wrong anywhere names the place, and nothing has changed", async () => {
    const lab = createLab(kernel);
    await lab.run([add(1, FIRST, 1)]);
    const before = JSON.stringify(snapshotMemoryMap(lab.map));
    const cases = Object.values(good).flatMap((request) =>
      fields.filter((field) => field in request).map((field) => [request, field] as const),
    );
    const value = fc.constantFrom<unknown>(...wrong);
    fc.assert(
      fc.property(fc.constantFrom(...cases), value, fc.boolean(), ([request, field], found, inList) => {
        const broken = field === "blocks" && inList ? [FIRST, found] : found;
        const mutant = { ...request, [field]: broken } as NodeRequest;
        // Whole pfns that are no sections the engine refuses itself; whatever is left of the list comes after.
        fc.pre(!(field.endsWith("Pfn") || field === "nrPages") || found !== 777);
        const list = [good.remember_type, mutant];
        const at = `run: requests[1].${field}${field === "blocks" && inList ? "[1]" : ""}: expected`;
        expect(() => lab.hotplug.run({ ...lab.batch([]), requests: list })).toThrow(at);
        expect(JSON.stringify(snapshotMemoryMap(lab.map))).toBe(before);
      }),
      { numRuns: 300, seed: 9 },
    );
    // It goes on.
    expect((await lab.run([good.online])).finished).toBe(true);
  });

  test("may be of blocks that it adds itself, on their node alone", async () => {
    const lab = createLab(kernel);
    const of = (node: number): NodeRequest => ({ op: "online", node, blocks: [FIRST], type: "online" });
    expect(() => lab.hotplug.run(lab.batch([add(1, FIRST, 1), of(0)]))).toThrow(
      `run: requests[1].blocks[0]: expected a block of node 0, found ${FIRST}`,
    );
    expect((await lab.run([add(1, FIRST, 1), of(1)])).finished).toBe(true);
  });

  test("has times that are times", () => {
    const lab = createLab(kernel);
    for (const value of [Number.NaN, -1, 0.5, "foo", undefined] as never[]) {
      expect(() => lab.hotplug.run({ ...lab.batch([]), startNs: value })).toThrow("run: startNs: expected");
      expect(() => lab.hotplug.run({ ...lab.batch([]), untilNs: value })).toThrow("run: untilNs: expected");
    }
  });
});

test("work on pages of a node that is not here names it", () => {
  const { hotplug } = createLab("6.12");
  for (const node of [7, -1, Number.NaN, "foo"] as never[])
    expect(() => hotplug.pages([{ op: "drop_caches", node, what: 1 }])).toThrow(
      "pages: requests[0].node: expected one of 0, 1",
    );
});
