import { ZONE_NORMAL } from "@memhp/abi";
import { BlockFlag, nodeOf } from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { add, BLOCK, blocks, createLab, FIRST, type Lab, remove, uevents } from "./lab.ts";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";

/** Node 1 has neither memory nor processors. */
const absentNode1 = (kernel: string): Lab => createLab(kernel, { ram: [[{ startPfn: 1, endPfn: 0x40000 }], []] });

describe("a DIMM that comes", () => {
  test.for(kernelIds)("%s: one add@ for each block, ascending, and nothing else (observed-6 §6)", async (kernel) => {
    const answer = await createLab(kernel).run([add(0, FIRST, 3)]);
    expect(uevents(answer)).toEqual(["add@memory32", "add@memory33", "add@memory34"]);
    expect(answer.results).toEqual([{ op: "add", blocks: [32, 33, 34], nodeAppeared: false }]);
    expect(answer.events).toHaveLength(3);
  });

  test.for(kernelIds)(
    "%s: on a node that was not there, its add@ follows those of the blocks, and leads them in 7.3 (j_absent_node)",
    async (kernel) => {
      const lab = absentNode1(kernel);
      const answer = await lab.run([add(1, FIRST, 2)]);
      const ofBlocks = ["add@memory32", "add@memory33"];
      expect(uevents(answer)).toEqual(kernel === "7.3" ? ["add@node1", ...ofBlocks] : [...ofBlocks, "add@node1"]);
      expect(answer.results).toEqual([{ op: "add", blocks: [32, 33], nodeAppeared: true }]);
      expect(nodeOf(lab.map, 1)).toMatchObject({ online: true, hasMemory: false });
    },
  );

  test("changes no page and no mask (facts §9.2)", async () => {
    for (const kernel of kernelIds) {
      const lab = createLab(kernel);
      const { presentPages, hasMemory, hasNormalMemory } = nodeOf(lab.map, 0);
      await lab.run([add(0, FIRST, 3)]);
      expect(nodeOf(lab.map, 0)).toMatchObject({ presentPages, hasMemory, hasNormalMemory });
    }
  });

  test("binds its blocks to firmware when told so, and only those", async () => {
    const lab = createLab("4.1");
    const probed = { ...add(0, FIRST, 2), op: "add", firmware: false } as ReturnType<typeof add>;
    await lab.run([probed]);
    const answer = await lab.run([{ op: "set_firmware", node: 0, blocks: [33] }]);
    expect([32, 33].map((block) => lab.map.blocks.hasFlag(block, BlockFlag.firmware))).toEqual([false, true]);
    expect(answer.delta.rows.map(({ row, count }) => [row.id, count])).toEqual([[33, 1]]);
    expect(answer.events).toEqual([]);
  });
});

describe("a DIMM that goes", () => {
  test.for(kernelIds)("%s: one remove@ for each block, ascending (observed-6 §6)", async (kernel) => {
    const lab = createLab(kernel);
    await lab.run([add(0, FIRST, 3)]);
    const answer = await lab.run([remove(0, FIRST, 3, true)]);
    expect(uevents(answer)).toEqual(["remove@memory32", "remove@memory33", "remove@memory34"]);
    expect(answer.results).toEqual([{ op: "remove", blocks: [32, 33, 34], nodeVanished: false }]);
    expect(blocks(FIRST, 3).some((block) => lab.map.blocks.has(block))).toBe(false);
  });

  test.for(kernelIds)("%s: the last of a node without processors takes the node along (facts §5.2)", async (kernel) => {
    const lab = absentNode1(kernel);
    await lab.run([add(1, FIRST, 2)]);
    const answer = await lab.run([remove(1, FIRST, 2)]);
    expect(uevents(answer)).toEqual(["remove@memory32", "remove@memory33", "remove@node1"]);
    expect(answer.results).toEqual([{ op: "remove", blocks: [32, 33], nodeVanished: true }]);
    expect(nodeOf(lab.map, 1)).toMatchObject({
      online: false,
      hasMemory: false,
      hasNormalMemory: false,
      presentPages: 0,
    });
  });

  test("a node with processors stays", async () => {
    const lab = absentNode1("6.1");
    await lab.run([add(1, FIRST, 2)]);
    const answer = await lab.run([remove(1, FIRST, 2, true)]);
    expect(answer.results).toEqual([{ op: "remove", blocks: [32, 33], nodeVanished: false }]);
    expect(nodeOf(lab.map, 1).online).toBe(true);
  });

  test("a node with other blocks stays", async () => {
    const lab = absentNode1("6.1");
    await lab.run([add(1, FIRST, 2), add(1, 40, 1)]);
    const answer = await lab.run([remove(1, FIRST, 2)]);
    expect(answer.results).toEqual([{ op: "remove", blocks: [32, 33], nodeVanished: false }]);
  });

  test("that comes again on a node that had vanished finds it as new (del-node1-whole)", async () => {
    for (const kernel of kernelIds) {
      const lab = absentNode1(kernel);
      const first = await lab.run([add(1, FIRST, 2)]);
      const fresh = structuredClone(nodeOf(lab.map, 1));
      await lab.run([remove(1, FIRST, 2)]);
      const again = await lab.run([add(1, FIRST, 2)]);
      expect(uevents(again)).toEqual(uevents(first));
      expect(nodeOf(lab.map, 1)).toEqual(fresh);
    }
  });

  test("4.1: a stale span does not outlive the node it was on", async () => {
    const lab = absentNode1("4.1");
    await lab.run([add(1, FIRST, 4)]);
    await lab.run([{ op: "online", node: 1, blocks: [35], type: "movable" }]);
    await lab.run([{ op: "offline", node: 1, blocks: [35] }, remove(1, FIRST, 4)]);
    expect(nodeOf(lab.map, 1).online).toBe(false);
    await lab.run([add(1, 40, 2)]);
    expect(lab.map.blocks.zone(40)).toBe(ZONE_NORMAL);
    expect(nodeOf(lab.map, 1)).toMatchObject({ startPfn: 40 * BLOCK, spannedPages: 2 * BLOCK });
  });

  test("with blocks that are not offline is a bug of whoever asked", async () => {
    const lab = createLab("6.1");
    await lab.run([add(0, FIRST, 2)]);
    await lab.run([{ op: "online", node: 0, blocks: [33], type: "online" }]);
    await expect(lab.run([remove(0, FIRST, 2)])).rejects.toThrow(
      "removeRange: block 33: expected a block that is offline",
    );
  });
});

describe("requests of one batch", () => {
  test("of one node go one after another, and each has its result", async () => {
    const lab = createLab("6.1");
    const answer = await lab.run([
      add(1, FIRST, 2),
      { op: "remember_type", node: 1, block: 33, type: "movable" },
      { op: "online", node: 1, blocks: [32, 33], type: "remembered" },
      { op: "set_unmovable", node: 1, block: 32, unmovable: true },
      { op: "offline", node: 1, blocks: [32, 33] },
    ]);
    expect(answer.results.map(({ op }) => op)).toEqual(["add", "remember_type", "online", "set_unmovable", "offline"]);
    expect(uevents(answer)).toEqual([
      "add@memory32",
      "add@memory33",
      "online@memory32",
      "online@memory33",
      "offline@memory33",
    ]);
  });

  test("of several nodes go beside each other in time: the batch lasts as long as its longest node", async () => {
    const lab = createLab("6.1");
    await lab.run([add(0, FIRST, 3), add(1, 40, 1)]);
    const startNs = lab.nowNs();
    const { endNs } = await lab.run([
      { op: "online", node: 0, blocks: [32, 33, 34], type: "online" },
      { op: "online", node: 1, blocks: [40], type: "online" },
    ]);
    expect(endNs - startNs).toBe(3 * 1_600_000);
  });

  test("results keep the order of the requests, whatever the nodes", async () => {
    const lab = createLab("6.1");
    const answer = await lab.run([add(1, 40, 1), add(0, FIRST, 2), add(1, 41, 1)]);
    expect(answer.results).toMatchObject([{ blocks: [40] }, { blocks: [32, 33] }, { blocks: [41] }]);
  });

  test("an empty batch is over when it begins", async () => {
    const lab = createLab("6.1");
    await lab.run([add(0, FIRST, 1)]);
    const before = lab.nowNs();
    expect(before).toBeGreaterThan(0);
    const answer = await lab.run([]);
    expect(answer).toEqual({
      finished: true,
      endNs: before,
      results: [],
      events: [],
      delta: { rows: [], parts: [], nodes: [], pages: [] },
      targetRequests: [],
      free: [],
      stalled: false,
    });
  });
});
