import { bootMachine, type MachineImage, type Machine, parseMachineSpec, snapshot, start } from "@memhp/machine";
import { describe, expect, test } from "vitest";

// Blocks of 2 GiB, each of which two nodes have a half of.
const shared = { nodes: { count: 4, memory: "1G" }, block_size: "2G" };
/** The same memory in blocks of one node each. */
const alone = { ...shared, block_size: "128M" };

async function withMachine<T>(
  machine: object,
  look: (machine: Machine) => T | Promise<T>,
  kernel = "6.12",
): Promise<T> {
  const booted = await bootMachine(parseMachineSpec(machine), { kernel });
  try {
    return await look(booted);
  } finally {
    await booted.close();
  }
}

const counts = (machine: Machine): unknown =>
  [...machine.map.nodes.values()].map(({ id, zones }) => [id, zones.map(({ presentPages }) => presentPages)]);

describe.for(["4.1", "6.12", "7.3"])("on %s, a block that two nodes share", (kernel) => {
  test("has each node's pages once, and every counter equals a recount", async () => {
    const expected = await withMachine(alone, counts, kernel);
    await withMachine(
      shared,
      async (machine) => {
        expect(counts(machine)).toEqual(expected);
        expect(await machine.pages.audit()).toEqual([]);
      },
      kernel,
    );
  });

  test("gives its pages to programs and takes them back, as a block of one node does", async () => {
    const use = async (machine: Machine): Promise<unknown> => {
      const free = (): number[] =>
        machine.pages.counters().map(({ zones }) => zones.reduce((sum, { freePages }) => sum + freePages, 0));
      const before = free();
      for (const node of [2, 3]) {
        const policy = { mode: "bind", nodes: [node] } as const;
        const load = { id: `l${node}`, kind: "anon", sizeBytes: 2 ** 29, policy } as const;
        expect(await machine.pages.loads.start(load)).toMatchObject({ ok: true });
        expect(machine.pages.loads.placementOf(load.id)).toEqual(new Map([[node, 2 ** 17]]));
      }
      expect(await machine.pages.audit()).toEqual([]);
      for (const node of [2, 3]) await machine.pages.loads.end(`l${node}`);
      expect(await machine.pages.audit()).toEqual([]);
      return free().map((pages, node) => pages - (before[node] ?? 0));
    };
    expect(await withMachine(shared, use, kernel)).toEqual(await withMachine(alone, use, kernel));
  });
});

test("what is another node's is no page of this one: frames are asked of the node that has them", async () => {
  await withMachine(shared, async (machine) => {
    const block = 2 * 2 ** 19;
    const runs = await machine.pages.runs(block, 2 ** 19);
    const kinds = runs.map(({ startPfn, count, page }) => [startPfn, count, page?.node, page?.kind]);
    expect(new Set(kinds.map(([, , , kind]) => kind)).has("hole")).toBe(false);
    const half = block + 2 ** 18;
    for (const [startPfn, count, node] of kinds as [number, number, number, string][])
      expect(node).toBe(startPfn + count <= half ? 2 : 3);
  });
});

test("it stays online for as long as this boot lasts: its pages are of two nodes (facts §4.1 step 2, §4.2 step 1)", async () => {
  for (const kernel of ["4.1", "6.12"])
    await withMachine(
      shared,
      async (machine) => {
        const answer = await machine.files.write("/sys/devices/system/memory/memory2/state", "offline");
        expect(answer).toMatchObject({ errno: "EINVAL", refusal: { code: "mixed_zones" } });
      },
      kernel,
    );
});

test("an image has it, in and out", async () => {
  await withMachine(shared, async (machine) => {
    const image = JSON.parse(JSON.stringify(await snapshot(machine))) as MachineImage;
    const again = await start(image, { verify: true });
    expect(counts(again)).toEqual(counts(machine));
    expect(await again.pages.audit()).toEqual([]);
    expect(JSON.stringify(await snapshot(again))).toBe(JSON.stringify(image));
    await again.close();
  });
});

test("a thousand nodes of 1G boot without a column for any block", async () => {
  const spec = parseMachineSpec({ nodes: { count: 1024, memory: "1G" } });
  const machine = await bootMachine(spec, { kernel: "6.12" });
  expect(machine.board.blockSizeBytes).toBe(2 ** 31);
  const image = await snapshot(machine);
  const framesOf = image.memory.nodes.pages.map(({ hasFrames }) => hasFrames);
  // Only where zones meet within a block: nodes 0 and 1.
  expect(framesOf.slice(2).every((runs) => runs.every((value, i) => i % 2 === 1 || value === 0))).toBe(true);
  await machine.close();
});
