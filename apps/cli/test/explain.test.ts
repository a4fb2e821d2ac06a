import { describe, expect, test } from "vitest";
import type { Explanation } from "../src/explain/explanation.ts";
import { memhp } from "./test-host.ts";

const MEMORY = "/sys/devices/system/memory";

/** Two nodes of 1G with a DIMM of 512M each, online as movable memory, and what else the steps do. */
function scenario(...steps: readonly string[]): string {
  return `format: memhp-scenario/1
name: test
kernel: "6.12"
machine: { nodes: { count: 2, memory: 1G }, dimms: { per_node: 1, size: 512M } }
given: { unmovable_boot_blocks: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] }
steps:
  - { op: online, blocks: offline, type: movable }
${steps.map((step) => `  - ${step}\n`).join("")}`;
}

async function explain(text: string, ...args: readonly string[]): Promise<Explanation> {
  const { stdout, stderr } = await memhp(["explain", "s.yaml", "--json", ...args], { files: { "s.yaml": text } });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Explanation;
}

async function told(text: string, ...args: readonly string[]): Promise<string> {
  return (await memhp(["explain", "s.yaml", ...args], { files: { "s.yaml": text } })).stdout;
}

const answers = ({ groups }: Explanation): Record<string, string> =>
  Object.fromEntries(
    groups.map(({ blocks, answer, refusal }) => [
      blocks,
      [answer, refusal?.errno, refusal?.code].filter(Boolean).join(" "),
    ]),
  );

test("blocks of which the same is said stand together, with pages, targets and refusals", async () => {
  const explanation = await explain(scenario("{ op: load, id: db, kind: anon, size: 200M, node: 1 }"));
  expect(Object.keys(explanation)).toEqual([
    "format",
    "kernel",
    "source",
    "block_size",
    "page_size",
    "counts",
    "groups",
    "cannot_tell",
  ]);
  expect(explanation).toMatchObject({
    format: "memhp-explain/1",
    kernel: "6.12",
    source: "machine",
    block_size: 2 ** 27,
  });
  expect(explanation.counts).toMatchObject({ goes_offline: 8, refused: 16, is_offline: 0, unknown: 0 });
  expect(answers(explanation)).toMatchObject({
    "0": "refused EINVAL mixed_zones",
    "1-7": "refused EBUSY unmovable_page",
    "15": "refused EINVAL memory_hole",
    "32-35": "goes_offline",
    "36-37": "goes_offline",
    "38-39": "goes_offline",
  });
  const moving = explanation.groups.find(({ blocks }) => blocks === "36-37");
  expect(moving).toEqual({
    blocks: "36-37",
    count: 2,
    node: 1,
    zone: "Movable",
    answer: "goes_offline",
    pages: { free: 14336, movable: 51200, pinned: 0, dissolved: 0, fixed: 0 },
    targets: [{ node: 0, pages: 51200 }],
  });
});

test("pins, poison, vetoes and lack of room are foreseen under 6.12", async () => {
  const pinned = await explain(scenario("{ op: load, id: dma, kind: pinned, size: 1M, node: 1 }"), "--block", "36");
  expect(pinned.groups).toMatchObject([
    { blocks: "36", answer: "never_ends", refusal: { errno: "EINTR", code: "pinned_page", total: 256 } },
  ]);
  const poisoned = await explain(
    scenario(
      `{ op: write, path: ${MEMORY}/hard_offline_page, data: "0x100000000" }`,
      "{ op: block, n: 32, v: offline }",
    ),
  );
  expect(answers(poisoned)).toMatchObject({ "32": "is_offline EHWPOISON poisoned", "33-35": "goes_offline" });
  const vetoed = await explain(scenario("{ op: inject, action: MEM_GOING_OFFLINE, errno: ENOMEM }"));
  expect(answers(vetoed)).toMatchObject({
    "32-35": "refused ENOMEM notifier_veto",
    "1-7": "refused EBUSY unmovable_page",
  });
  const full = await explain(
    scenario(
      "{ op: load, id: a, kind: anon, size: 1400M, node: 0 }",
      "{ op: load, id: b, kind: anon, size: 1400M, node: 1 }",
    ),
  );
  expect(answers(full)["32-35"]).toBe("never_ends EINTR no_target_memory");
});

test("4.1 gives up after 120 s, and ends programs where there is no room", async () => {
  const online = "{ op: block, n: 39, v: online_movable }";
  const pinned = await explain(
    scenario(online, "{ op: load, id: dma, kind: pinned, size: 1M, node: 1 }"),
    "--kernel",
    "4.1",
    "--block",
    "39",
  );
  expect(answers(pinned)).toEqual({ "39": "refused EAGAIN pinned_page" });
  const full = await explain(
    scenario(online, "{ op: load, id: db, kind: anon, size: 2150M, node: 1 }"),
    "--kernel",
    "4.1",
    "--block",
    "39",
  );
  expect(answers(full)).toEqual({ "39": "kills_programs ENOMEM no_target_memory" });
  expect(full.groups[0]?.refusal?.detail).toContain("the OOM killer would end load db");
});

test("for people there is a table of what goes, and sentences for what does not", async () => {
  const text = await told(
    scenario(
      "{ op: load, id: db, kind: anon, size: 200M, node: 1 }",
      "{ op: load, id: dma, kind: pinned, size: 1M, node: 0 }",
    ),
  );
  expect(text).toMatchSnapshot();
  expect(text.split("\n").every((line) => line.length <= 100)).toBe(true);
});

test("workers change nothing", async () => {
  const text = scenario("{ op: load, id: db, kind: anon, size: 200M, node: 1 }");
  expect(await explain(text, "--plan", "n1d0", "--workers", "2")).toEqual(await explain(text, "--plan", "n1d0"));
});

test("large machines say the same of many nodes once", async () => {
  const text = `format: memhp-scenario/1
kernel: "6.12"
machine: { nodes: { count: 4, memory: 1G }, dimms: { per_node: 1, size: 512M } }
steps:
  - { op: online, blocks: offline, type: movable }
  - { op: load, id: db, kind: anon, size: 200M, node: 1 }
`;
  expect(await told(text)).toContain("0-3  Movable  nothing to move");
});

describe("--plan", () => {
  const loaded = scenario(
    "{ op: load, id: db, kind: anon, size: 200M, node: 1 }",
    "{ op: load, id: web, kind: file, size: 50M, node: 0 }",
  );

  test("a size is rounded up to blocks, those with least to move first, and is carried out", async () => {
    const { plan } = await explain(loaded, "--plan", "900M");
    expect(plan).toMatchObject({
      possible: true,
      goal: { bytes: 900 * 2 ** 20, blocks: 8 },
      pages: 64000,
      // The pages of web may land on the DIMM of node 1, which goes later.
      pages_at_most: 76800,
      carried_out: { offlined: 8, pages: 76800 },
    });
    expect((await explain(loaded, "--plan", "512M")).plan).toMatchObject({
      pages: 0,
      carried_out: { offlined: 4, pages: 0 },
    });
  });

  test("a whole DIMM, for people", async () => {
    expect(await told(loaded, "--plan", "n1d0")).toMatchSnapshot();
  });

  test("where there is none, it says what stands in the way, and ends with 1", async () => {
    const pinned = scenario("{ op: load, id: dma, kind: pinned, size: 1M, node: 1 }");
    const { exitCode, stdout } = await memhp(["explain", "s.yaml", "--plan", "n1d0"], { files: { "s.yaml": pinned } });
    expect(exitCode).toBe(1);
    expect(stdout).toMatchSnapshot();
    const { plan } = await explain(pinned, "--plan", "2G");
    expect(plan).toMatchObject({ possible: false, goal: { blocks: 16 }, available: 7 });
  });

  test("blocks that go one by one may still not fit together", async () => {
    const full = scenario(
      "{ op: load, id: a, kind: anon, size: 1200M, node: 0 }",
      "{ op: load, id: b, kind: anon, size: 1100M, node: 1 }",
    );
    expect(answers(await explain(full))["32-35"]).toBe("goes_offline");
    const { plan } = await explain(full, "--plan", "n0d0");
    expect(plan).toMatchObject({
      possible: false,
      available: 4,
      obstacles: [{ refusal: { code: "no_target_memory" } }],
    });
  });

  test("what is neither a size nor a DIMM is wrong usage", async () => {
    const { exitCode, stderr } = await memhp(["explain", "--plan", "d7"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^memhp explain: --plan: "d7" is no size such as 4G and no DIMM \(DIMMs: n0d0, n1d0\)/);
  });
});

test("a block that does not exist is bad input", async () => {
  expect(await memhp(["explain", "--block", "999"])).toMatchObject({
    exitCode: 2,
    stderr: "memhp explain: block 999 does not exist (blocks: 0-15,32-63)\n",
  });
});

test("virtio-mem: what a request of 0 would leave, what holds it and what helps", async () => {
  const file = `format: memhp-scenario/1
kernel: "6.12"
machine: { nodes: { count: 1, memory: 1G }, virtio_mem: [{ id: vm0, size: 1G, requested: 512M }] }
steps:
  - { op: write, path: auto_online_blocks, data: online_kernel }
  - { op: insmod, mod: virtio_mem }
  - { op: load, id: l, kind: kernel, size: 100M }
  - { op: vmem_set, id: vm0, size: 0 }
`;
  const { virtio_mem: devices = [] } = await explain(file);
  const [device] = devices;
  expect(device).toMatchObject({ id: "vm0", max: 2 ** 30, unit: 2 ** 21, requested: 0, state: "backing_off" });
  // 100M of the load in sub-blocks of 2M, and whatever else the kernel has there.
  const stays = device?.stays.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
  expect(stays).toBe(device?.plugged);
  expect(stays).toBeGreaterThanOrEqual(100 * 2 ** 20);
  expect(
    device?.stays.some(({ held_by, remedy }) => held_by.includes("load l") && remedy.includes("end what holds it: l")),
  ).toBe(true);
  expect(await told(file)).toContain("stopped short of the request");
  // Once the load has ended and somebody asks again, nothing is left.
  const ended = `${file}  - { op: unload, id: l }\n  - { op: vmem_set, id: vm0, size: 0 }\n`;
  const after = (await explain(ended)).virtio_mem?.[0];
  expect(after?.plugged).toBeLessThan(100 * 2 ** 20);
});
