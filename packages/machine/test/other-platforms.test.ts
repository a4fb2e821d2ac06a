import { GIB, MIB, pagesPerSection, zoneName, type ZoneIndex } from "@memhp/abi";
import { KernelBug } from "@memhp/acpi";
import { dimmsOf } from "@memhp/devices";
import { hasSection } from "@memhp/engine";
import { afterEach, expect, test } from "vitest";
import { bootMachine, type Machine, type MachineImage, parseMachineSpec, snapshot, start } from "../src/index.ts";
import { workerThreads } from "../src/node/index.ts";

let machine: Machine;
afterEach(() => machine.close());

async function boot(kernel: string, spec: object): Promise<void> {
  machine = await bootMachine(parseMachineSpec({ smp: 1, ...spec }), { kernel });
}

const MEMORY = "/sys/devices/system/memory";
const fileOf = (path: string): string => {
  const answer = machine.files.read(path);
  return answer.ok ? answer.value : String(answer.refusal.errno);
};
const read = (path: string): string => fileOf(`${MEMORY}/${path}`);
const write = (path: string, data: string) => machine.write(`${MEMORY}/${path}`, data);
const ofBlock = (block: number) => [read(`memory${block}/state`), read(`memory${block}/valid_zones`)];
const blocks = (): number[] => [...machine.map.blocks.ids()];
/** Sections of a block that are there, counted from its first. */
function sections(block: number): number[] {
  const pages = pagesPerSection(machine.board.arch);
  const count = machine.map.blockPages / pages;
  return Array.from({ length: count }, (_, i) => i).filter((i) => hasSection(machine.map, (block * count + i) * pages));
}

test("powerpc under 4.1: sections of 16 MiB, of which a block of 256 MiB has 16 (facts §1.1, §1.4)", async () => {
  await boot("4.1", { arch: "ppc64le", machine: "pseries", memory: "1G" });
  expect(machine.board.arch.sectionSizeBits).toBe(24);
  expect([read("block_size_bytes"), sections(0).length]).toEqual(["10000000\n", 16]);
  expect(blocks()).toEqual([0, 1, 2, 3]);
});

test("powerpc under 4.1: all memory is in ZONE_DMA, hot-added memory too (facts §3.1: powerpc zone index 0)", async () => {
  await boot("4.1", { arch: "ppc64le", machine: "pseries", memory: "1G" });
  expect(read("memory1/valid_zones")).toBe("DMA\n");
  expect(machine.zonesOf(machine.map.nodes.get(0)!).map(({ index }) => zoneName(index))).toContain("DMA");
  expect(await write("probe", "0x40000000")).toMatchObject({ ret: 10 });
  expect(ofBlock(4)).toEqual(["offline\n", "DMA\n"]);
});

test("powerpc under 4.1: online_movable succeeds and does nothing (facts §11: ppc zone 0)", async () => {
  await boot("4.1", { arch: "ppc64le", machine: "pseries", memory: "1G" });
  await write("probe", "0x40000000");
  expect(await write("memory4/state", "online_movable")).toMatchObject({ ret: 14, errno: 0 });
  expect(ofBlock(4)).toEqual(["online\n", "DMA\n"]);
  expect(await write("memory4/state", "offline")).toMatchObject({ ret: 7, errno: 0 });
  expect(await machine.pages.audit()).toEqual([]);
});

test("powerpc under 4.1: half a block is taken, and goes online when the rest is there (facts §5.1 step 1; pages_correctly_reserved)", async () => {
  await boot("4.1", { arch: "ppc64le", machine: "pseries", memory: "1G" });
  const heard: string[] = [];
  machine.listen((event) => event.type === "notifier" && heard.push(event.action));
  const presentPages = (): number => machine.map.nodes.get(0)!.presentPages;
  const before = presentPages();
  expect(await machine.add({ start: 0x48000000, size: 128 * MIB }, { node: 0 })).toMatchObject({ ok: true });
  expect(await write("memory4/state", "online")).toMatchObject({
    ret: -1,
    errno: "EBUSY",
    refusal: { code: "memory_hole", block: 4, retry: "maybe", detail: "8 of its 16 sections are not there" },
  });
  expect([ofBlock(4), heard, presentPages() - before]).toEqual([["offline\n", "DMA\n"], [], 0]);
  expect(await machine.pages.audit()).toEqual([]);
  await machine.add({ start: 0x40000000, size: 128 * MIB }, { node: 0 });
  expect(await write("memory4/state", "online")).toMatchObject({ ret: 6, errno: 0 });
  expect(presentPages() - before).toBe((256 * MIB) / 2 ** machine.board.arch.pageShift);
  expect(await machine.pages.audit()).toEqual([]);
});

for (const workers of [0, 2])
  test(`powerpc under 4.1: a block of which half is there keeps it when the other half is removed (facts §5.2; ${workers} workers)`, async () => {
    const half = { size: 128 * MIB };
    const upper = { start: 0x48000000, ...half };
    const lower = { start: 0x40000000, ...half };
    const spec = parseMachineSpec({ arch: "ppc64le", nodes: { count: 2, memory: "512M" } });
    machine = await bootMachine(spec, { kernel: "4.1", workers, workerFactory: workerThreads() });
    await machine.add(upper, { node: 0 });
    // __remove_pages ends at the first section that is not there; its struct pages are mapped, with those of the same GiB.
    expect(await machine.remove(lower)).toMatchObject({ ok: true });
    expect([blocks(), sections(4)]).toEqual([
      [0, 1, 2, 3, 4],
      [8, 9, 10, 11, 12, 13, 14, 15],
    ]);
    // Written down and started again, it is the same.
    const again = await start(JSON.parse(JSON.stringify(await snapshot(machine))) as MachineImage);
    await machine.close();
    machine = again;
    expect(sections(4)).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    await machine.add(lower, { node: 0 });
    expect(sections(4).length).toBe(16);
    expect(await write("memory4/state", "online")).toMatchObject({ ret: 6, errno: 0 });
    expect(await write("memory4/state", "offline")).toMatchObject({ ret: 7, errno: 0 });
    await machine.remove(lower);
    expect([blocks().includes(4), sections(4)]).toEqual([true, [8, 9, 10, 11, 12, 13, 14, 15]]);
    expect(await write("memory4/state", "online")).toMatchObject({ ret: -1, errno: "EBUSY" });
    await machine.remove(upper);
    expect(blocks()).toEqual([0, 1, 2, 3]);
    expect(await machine.pages.audit()).toEqual([]);
  });

test("x86 under 4.1: the kernel does not survive the removal of memory that is not there: nothing maps its struct pages", async () => {
  await boot("4.1", { memory: "1G" });
  await expect(machine.remove({ start: 2 ** 32, size: 128 * MIB })).rejects.toThrow(KernelBug);
});

test("probe is there on powerpc, sh and x86, not on ia64 (facts §1.4, §2.4; the Kconfig of each)", async () => {
  const answers: (readonly [arch: string, errno: string | number])[] = [];
  const cases = [
    ["4.1", { arch: "ppc64le", machine: "pseries", memory: "1G" }, "0x40000000"],
    ["4.1", { arch: "sh", machine: "superh", memory: "64M" }, "0x0c000000"],
    ["4.1", { arch: "x86_64", memory: "1G" }, "0x100000000"],
    ["4.1", { arch: "ia64", machine: "itanium", memory: "2G" }, "0x80000000"],
  ] as const;
  for (const [kernel, spec, address] of cases) {
    await boot(kernel, spec);
    const answer = await write("probe", address);
    answers.push([spec.arch, answer.openErrno === 0 ? answer.errno : answer.openErrno]);
    if (spec !== cases.at(-1)?.[1]) await machine.close();
  }
  expect(answers).toEqual([
    ["ppc64le", 0],
    ["sh", 0],
    ["x86_64", 0],
    ["ia64", "ENOENT"],
  ]);
});

test("sh under 4.1: sections of 64 MiB from 128 MiB on, one zone, which probed memory joins (facts §1.1; arch/sh/mm/init.c)", async () => {
  await boot("4.1", { arch: "sh", machine: "superh", memory: "128M" });
  expect([read("block_size_bytes"), blocks()]).toEqual(["4000000\n", [2, 3]]);
  await write("probe", "0x10000000");
  expect(ofBlock(4)).toEqual(["offline\n", "Normal Movable\n"]);
  expect(await write("memory4/state", "online_movable")).toMatchObject({ errno: 0 });
  expect(ofBlock(4)).toEqual(["online\n", "Movable Normal\n"]);
  expect(await machine.pages.audit()).toEqual([]);
});

test("ia64 under 4.1: sections and blocks of 1 GiB, 16K pages; a DIMM goes to Normal, below 4 GiB too (facts §1.1, §3.1)", async () => {
  await boot("4.1", { arch: "ia64", machine: "itanium", memory: "2G", slots: 4, maxmem: "16G" });
  expect([read("block_size_bytes"), machine.pageSize, blocks()]).toEqual(["40000000\n", 16_384, [0, 1]]);
  expect(read("memory1/valid_zones")).toBe("DMA\n");
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: GIB, node: 0 });
  expect(ofBlock(2)).toEqual(["offline\n", "Normal Movable\n"]);
  expect(await write("memory2/state", "online_movable")).toMatchObject({ errno: 0 });
  expect(read("memory2/valid_zones")).toBe("Movable Normal\n");
  const ejected = await dimmsOf(machine).eject("d0");
  expect(ejected.ok && ejected.value.ok).toBe(true);
  // No whole section: the kernel takes nothing of it, and firmware hears of it (observed-4.1 §8).
  await dimmsOf(machine).insert({ id: "d1", memdev: "m1", sizeBytes: 512 * MIB, node: 0 });
  expect(blocks()).toEqual([0, 1]);
});

test.each([
  ["6.12-arm64", "8000000\n", 4096, 8],
  ["6.12-arm64-16k", "8000000\n", 16_384, 8],
  ["6.12-arm64-64k", "20000000\n", 65_536, 2],
] as const)(
  "%s: block and page size (facts §1.1: 128 MiB, with 64K pages 512 MiB)",
  async (kernel, block, page, first) => {
    await boot(kernel, { arch: "arm64", memory: "4G" });
    expect([read("block_size_bytes"), machine.pageSize, blocks()[0]]).toEqual([block, page, first]);
    expect(machine.map.nodes.get(0)?.presentPages).toBe((4 * GIB) / page);
    expect(zoneName(machine.map.blocks.zone(first + 1) as ZoneIndex)).toBe("DMA");
    const kb = (file: string): string | undefined => /MemTotal: +(\d+) kB/.exec(file)?.[1];
    expect(kb(fileOf("/sys/devices/system/node/node0/meminfo"))).toBe(kb(fileOf("/proc/meminfo")));
    // A root of low memory, or pageblocks of its zones up to a twentieth of it (mm/khugepaged.c): a page has its size in both.
    const minPages = [...fileOf("/proc/zoneinfo").matchAll(/^ +min +(\d+)$/gm)].map(([, pages]) => Number(pages));
    const minBytes = minPages.reduce((sum, pages) => sum + pages, 0) * page;
    expect(minBytes / GIB).toBeCloseTo(page === 4096 ? 0.02 : 0.2, 1);
    // Boot memory stays, whatever its pages are (observed-newer §4).
    expect(await write(`memory${first + 2}/state`, "offline")).toMatchObject({ errno: "EPERM" });
    expect(await machine.pages.audit()).toEqual([]);
  },
);

test("6.12-arm64-64k: memory that is added comes in blocks of 512 MiB, to Normal (facts §1.1)", async () => {
  await boot("6.12-arm64-64k", { arch: "arm64", memory: "4G" });
  expect(await machine.add({ start: 5 * GIB, size: 128 * MIB }, { node: 0 })).toMatchObject({ ok: false });
  expect(await machine.add({ start: 5 * GIB, size: 512 * MIB }, { node: 0 })).toMatchObject({ ok: true });
  expect(ofBlock(10)).toEqual(["offline\n", "Normal Movable\n"]);
  expect(await write("memory10/state", "online_movable")).toMatchObject({ errno: 0 });
  expect(await machine.pages.audit()).toEqual([]);
});

test("s390x: a block that holds CMA refuses, the others go (s_boot_offline)", async () => {
  await boot("7.2", { arch: "s390x", memory: "2G", nodes: [] });
  const gone: (string | number)[] = [];
  for (const block of [0, 1, 13, 14, 15]) gone.push((await write(`memory${block}/state`, "offline")).errno);
  expect(gone).toEqual(["EBUSY", 0, 0, "EBUSY", "EBUSY"]);
  expect([read("memory1/phys_device"), read("memory1/valid_zones")]).toEqual(["128\n", "DMA Movable\n"]);
});
