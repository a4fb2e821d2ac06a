import { type PfnRange, ZONE_MOVABLE } from "@memhp/abi";
import { type MemoryMap, nodeOf, pageHome, validZones } from "@memhp/engine";
import { applyDelta } from "@memhp/hotplug";
import { describe, expect, test } from "vitest";
import { add, blocks, contigZones, createLab, FIRST, type Lab, outcomes, remove } from "./lab.ts";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";

/** All that a map holds. */
function contents({ blocks: table, parts, nodes }: MemoryMap): unknown {
  return structuredClone({ rows: [...table.ids()].map((id) => table.row(id)), parts, nodes });
}

/** 2056 MiB: the last block is mostly hole (boot-1n-noncontig). */
const noncontig: readonly PfnRange[][] = [
  [
    { startPfn: 1, endPfn: 0x9f },
    { startPfn: 0x100, endPfn: 0x807e0 },
  ],
];

const validZonesOf = (map: MemoryMap, block: number) =>
  validZones(map, block, {
    ...contigZones,
    otherNodes: { earlyKernelPages: 0, movablePages: 0 },
    groupMaxPages: new Map(),
  });

describe("a delta names what a batch touched, and nothing else", () => {
  test("rows ascending, each once, and the node", async () => {
    const lab = createLab("6.1");
    await lab.run([add(1, FIRST, 4)]);
    const { delta } = await lab.run([
      { op: "online", node: 1, blocks: [34, 32], type: "movable" },
      { op: "offline", node: 1, blocks: [34] },
    ]);
    expect(delta.rows.map(({ row, count }) => [row.id, count])).toEqual([
      [32, 1],
      [34, 1],
    ]);
    expect(delta.nodes.map(({ id }) => id)).toEqual([1]);
  });

  test("blocks that are gone are absent rows", async () => {
    const lab = createLab("6.1");
    await lab.run([add(1, FIRST, 2)]);
    const { delta } = await lab.run([remove(1, FIRST, 2)]);
    expect(delta.rows.map(({ row, count }) => [row.id, row.state, count])).toEqual([[32, 0, 2]]);
  });

  test("it shares nothing with the map: what happens later does not change it", async () => {
    const lab = createLab("4.1");
    const { delta } = await lab.run([add(1, FIRST, 2)]);
    const before = structuredClone(delta);
    await lab.run([{ op: "online", node: 1, blocks: [33], type: "movable" }]);
    expect(delta).toEqual(before);
  });

  test("it is plain data: it crosses to another thread", async () => {
    const lab = createLab("4.1");
    const { delta } = await lab.run([{ op: "offline", node: 1, blocks: [15] }]);
    expect(structuredClone(delta)).toEqual(delta);
    expect(JSON.parse(JSON.stringify(delta))).toEqual(delta);
  });
});

describe("a replica that is given each delta equals the original", () => {
  /** Runs batches; the replica after each of them, and the original beside it. */
  async function after(
    lab: Lab,
    ...batches: Parameters<Lab["run"]>[0][]
  ): Promise<{ replica: unknown[]; map: unknown[] }> {
    const seen: { replica: unknown[]; map: unknown[] } = { replica: [], map: [] };
    for (const requests of batches) {
      await lab.run(requests);
      seen.replica.push(contents(lab.replica));
      seen.map.push(contents(lab.map));
    }
    return seen;
  }

  test.for(kernelIds)("%s: through the life of a DIMM", async (kernel) => {
    const { replica, map } = await after(
      createLab(kernel),
      [add(1, FIRST, 4)],
      [{ op: "remember_type", node: 1, block: 33, type: "movable" }],
      [{ op: "online", node: 1, blocks: [35, 34], type: "movable" }],
      [{ op: "set_unmovable", node: 1, block: 34, unmovable: true }],
      [{ op: "offline", node: 1, blocks: [35, 34] }],
      [{ op: "set_unmovable", node: 1, block: 34, unmovable: false }],
      [{ op: "offline", node: 1, blocks: [34] }],
      [remove(1, FIRST, 4)],
    );
    expect(replica).toEqual(map);
  });

  test("4.1: a boot block with a hole that goes offline and comes back keeps the hole's own zone", async () => {
    const lab = createLab("4.1");
    const hole = pageHome(lab.map, 0x7ffff);
    const { replica, map } = await after(
      lab,
      [{ op: "offline", node: 1, blocks: [15] }],
      [{ op: "online", node: 1, blocks: [15], type: "kernel" }],
    );
    expect(replica).toEqual(map);
    expect(pageHome(lab.replica, 0x7ffff)).toEqual(hole);
  });

  test("4.1: a boot block that reads none reads none after a refused offline too (boot-1n-noncontig)", async () => {
    const lab = createLab("4.1", { ram: noncontig });
    expect(validZonesOf(lab.replica, 16)).toBe("none");
    expect(outcomes(await lab.run([{ op: "offline", node: 0, blocks: [16] }]))).toEqual(["16: EINVAL mixed_zones"]);
    expect(validZonesOf(lab.map, 16)).toBe("none");
    expect(validZonesOf(lab.replica, 16)).toBe("none");
  });

  test("4.1: a boot block of Normal with a hole that becomes Movable takes the hole along (facts §3.1 step 3)", async () => {
    // RAM above 4 GiB that ends inside block 33, so that 33 is the last block of Normal.
    const ram = [
      [
        { startPfn: 1, endPfn: 0x40000 },
        { startPfn: 0x100000, endPfn: 0x10ffe0 },
      ],
    ];
    const lab = createLab("4.1", { ram });
    const { replica, map } = await after(
      lab,
      [{ op: "offline", node: 0, blocks: [33] }],
      [{ op: "online", node: 0, blocks: [33], type: "movable" }],
    );
    expect(replica).toEqual(map);
    expect(pageHome(lab.replica, 0x10ffff)?.zone).toBe(ZONE_MOVABLE);
    expect(nodeOf(lab.replica, 0).zones[ZONE_MOVABLE].presentPages).toBe(0x7fe0);
  });

  test("a boot block that is removed takes its parts along", async () => {
    const { replica, map } = await after(
      createLab("4.1"),
      [{ op: "offline", node: 1, blocks: [15] }],
      [remove(1, 15, 1, true)],
    );
    expect(replica).toEqual(map);
  });

  test("two replicas of one original do not know of each other", async () => {
    const lab = createLab("6.1");
    const other = createLab("6.1").map;
    const answer = await lab.run([add(1, FIRST, 2)]);
    applyDelta(other, answer.delta);
    nodeOf(other, 1).presentPages = -1;
    expect(nodeOf(lab.map, 1).presentPages).toBe(262112);
  });
});

test("a machine of thousands of blocks follows too", async () => {
  const lab = createLab("6.12", { rowsFrom: 64 });
  await lab.run([add(0, 64, 2000), add(1, 4096, 2000)]);
  await lab.run([
    { op: "online", node: 0, blocks: blocks(64, 2000), type: "movable" },
    { op: "online", node: 1, blocks: blocks(4096, 2000), type: "kernel" },
  ]);
  expect(contents(lab.replica)).toEqual(contents(lab.map));
  expect(nodeOf(lab.replica, 0).zones[ZONE_MOVABLE].presentPages).toBe(2000 * 0x8000);
});
