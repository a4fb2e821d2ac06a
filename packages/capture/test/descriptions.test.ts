import { readFileSync } from "node:fs";
import { parseMachineSpec, start } from "@memhp/machine";
import { describe, expect, test } from "vitest";
import {
  hostImage,
  isHwlocXml,
  isKernelLog,
  isLsmemJson,
  layoutHost,
  type MemoryLayout,
  parseHwlocXml,
  parseKernelLog,
  parseLsmemJson,
  readArchive,
  readHost,
  treeLayout,
} from "../src/index.ts";
import { chunksOf, smallHost, tarOf } from "./small-capture.ts";

const text = (name: string): string => readFileSync(new URL(`./descriptions/${name}`, import.meta.url), "utf8");
const lsmem = text("lsmem.json");
const log = text("dmesg.txt");
const topology = text("topology.xml");

/** Zones and states of the machine's blocks: `0 DMA32 online`. */
async function blocksOf(layout: MemoryLayout): Promise<readonly string[]> {
  const machine = await start(hostImage(layoutHost(layout), { kernel: "6.12" }), { verify: true });
  expect(await machine.pages.audit()).toEqual([]);
  const read = (path: string): string => {
    const found = machine.files.read(`/sys/devices/system/memory/${path}`);
    return found.ok ? found.value.trim() : "";
  };
  const said = [...machine.map.blocks.ids()].map(
    (block) => `${block} ${read(`memory${block}/valid_zones`)} ${read(`memory${block}/state`)}`,
  );
  await machine.close();
  return said;
}

describe("what lsmem -J printed", () => {
  test("is a machine of its blocks, nodes, zones and states", async () => {
    const said = await blocksOf(parseLsmemJson(lsmem, "lsmem.json"));
    expect(said.slice(0, 2)).toEqual(["0 none online", "1 DMA32 online"]);
    expect(said.slice(8)).toEqual([
      "32 Normal online",
      "33 Normal online",
      "34 Movable online",
      "35 Movable online",
      expect.stringMatching(/^36 .*Movable.* offline$/),
    ]);
  });

  test("a block that was not removable stays, for a page that nobody knows", async () => {
    const machine = await start(hostImage(layoutHost(parseLsmemJson(lsmem, "lsmem.json")), { kernel: "6.12" }));
    const kept = await machine.offline(32);
    expect(kept.ok ? "" : kept.refusal.pages?.[0]?.owner).toBe("unknown");
    expect((await machine.offline(34)).ok).toBe(true);
    await machine.close();
  });

  test.for([
    ["node", / memory\[0\]: node is missing; ask with lsmem -J -o RANGE,STATE,REMOVABLE,BLOCK,NODE,ZONES/],
    ["zones", / zones is missing/],
    ["block", / block is missing/],
  ] as const)("without %s it is refused, and asked for", ([column, message]) => {
    const cut = lsmem.replaceAll(new RegExp(`"${column}": [^\\n]*?(,?)\\n`, "g"), '"x": 0$1\n');
    expect(() => parseLsmemJson(cut, "x")).toThrow(new RegExp(message.source.trim()));
  });

  test.for([
    ['"state": "offline"', '"state": "on->off"', /state "on->off" \(allowed: online, offline\)/],
    ['"block": "32-33"', '"block": "32-34"', /range .* and block 32-34 do not fit each other/],
    ['"block": "36"', '"block": "36x"', /block 36x is no number/],
    ["0x0000000008000000", "12", /range 12-.* is no 0xSTART-0xEND/],
  ] as const)("%s as %s is refused", ([was, is, message]) => {
    expect(() => parseLsmemJson(lsmem.replace(was, is), "x")).toThrow(message);
  });

  test("zones that x86_64 has not there are refused", () => {
    expect(() => layoutHost(parseLsmemJson(lsmem.replace('"Normal"', '"DMA"'), "x"))).toThrow(
      /block 32 is in zone DMA, where x86_64 has Normal/,
    );
  });
});

describe("a kernel's log", () => {
  test("tells RAM, blocks, nodes, zone Movable and processors", async () => {
    const layout = parseKernelLog(log, "dmesg.txt");
    expect(layout.ram).toEqual([
      { start: 1, end: 0x9f },
      { start: 0x100, end: 0x40000 },
      { start: 0x100000, end: 0x128000 },
    ]);
    expect([layout.release, layout.cmdline]).toEqual(["6.12.1-small", "root=/dev/vda1 movablecore=256M"]);
    expect([...(layout.cpus ?? [])]).toEqual([
      [0, [0]],
      [1, [1]],
    ]);
    expect(layout.notes.join("\n")).toMatch(/256M of soft reserved/);
    const said = await blocksOf(layout);
    expect(said).toHaveLength(13);
    expect(said.slice(7)).toEqual([
      "7 DMA32 online",
      "32 Normal online",
      "33 Normal online",
      "34 Normal online",
      "35 Movable online",
      "36 Movable online",
    ]);
  });

  test("of an older kernel reads the same", () => {
    const old = log
      .replaceAll(/\[mem 0x([0-9a-f]{16})-0x([0-9a-f]{15})f\] (\w+)/g, (_, from: string, to: string, type: string) => {
        const end = (Number.parseInt(`${to}f`, 16) + 1).toString(16).padStart(16, "0");
        return `${from} - ${end} (${type})`;
      })
      .replaceAll(/^\[[^\]]*\] /gm, "");
    expect(old).toMatch(/^BIOS-e820: 0000000000000000 - 000000000009fc00 \(usable\)$/m);
    expect(parseKernelLog(old, "x").ram).toEqual(parseKernelLog(log, "x").ram);
  });

  test.for([
    [/^.*Memory block size.*\n/m, /the line `x86\/mm: Memory block size` is missing/],
    [/^.*usable\n/gm, /no line `BIOS-e820: \[mem …\] usable`/],
    [/^.*Node 1 PXM 1.*\n/gm, /SRAT tells no node of RAM at 0x100000000/],
  ] as const)("without %s it is refused", ([gone, message]) => {
    expect(() => parseKernelLog(log.replace(gone, ""), "x")).toThrow(message);
  });
});

describe("a topology of hwloc", () => {
  test("tells nodes, processors and distances", () => {
    const { machine, notes } = parseHwlocXml(topology);
    expect(parseMachineSpec(machine)).toMatchObject({
      memoryBytes: 2 ** 32,
      cpus: 4,
      nodes: [
        { id: 0, memoryBytes: 2 ** 31, cpus: [0, 1] },
        { id: 1, memoryBytes: 2 ** 31, cpus: [2, 3] },
      ],
      distances: [
        [10, 21],
        [21, 10],
      ],
    });
    expect(notes).toContain("Rounded up to 128M: memory of node 0.");
  });

  test.for([
    ['value="x86_64"', 'value="aarch64"', /Architecture aarch64: only machines of x86_64/],
    ['os_index="1" cpuset="0x0000000c" nodeset', 'os_index="1" subtype="GPUMemory" nodeset', /memory of a device/],
    ['type="Package" os_index="0"', 'type="MemCache" os_index="0"', /MemCache: a cache before memory/],
    ["10 21 21 10", "10 21 21", /distances2 has 3 values of 2 nodes/],
  ] as const)("%s as %s is refused", ([was, is, message]) => {
    expect(() => parseHwlocXml(topology.replace(was, is))).toThrow(message);
  });

  test("whose nodes' numbers leave gaps keeps them", async () => {
    const gaps = topology
      .replaceAll(
        'os_index="1" cpuset="0x0000000c" nodeset="0x00000002"',
        'os_index="4" cpuset="0x0000000c" nodeset="0x00000010"',
      )
      .replace(/(<indexes[^>]*>)0 1/, "$10 4");
    const { machine: none, layout } = parseHwlocXml(gaps);
    expect(none).toBeUndefined();
    const machine = await start(hostImage(layoutHost(layout as MemoryLayout)), { verify: true });
    const read = (path: string): string => {
      const found = machine.files.read(`/sys/devices/system/node/${path}`);
      return found.ok ? found.value.trim() : String(found.refusal.errno);
    };
    expect([read("online"), read("node4/distance"), read("node4/cpulist"), read("node1/cpulist")]).toEqual([
      "0,4",
      "21 10",
      "2-3",
      "ENOENT",
    ]);
    // 2 GiB each: the first node's memory is all below 4 GiB, the second's all above.
    expect([...machine.map.blocks.ids()]).toEqual([
      ...Array.from({ length: 16 }, (_, at) => at),
      ...Array.from({ length: 16 }, (_, at) => 32 + at),
    ]);
    expect(await machine.pages.audit()).toEqual([]);
    await machine.close();
  });

  test("without memory it is refused", () => {
    const none = topology.replaceAll(/ local_memory="\d+"/g, "").replaceAll(/<page_type[^>]*>/g, "");
    expect(() => parseHwlocXml(none)).toThrow(/local_memory is missing or 0/);
  });
});

describe("a plain tree", () => {
  const { "kpageflags.runs": _none, ...files } = smallHost("", {
    "sys/devices/system/memory/memory8/valid_zones": "DMA32\n",
  });
  const layoutOf = async (changes: Readonly<Record<string, string>>): Promise<MemoryLayout> => {
    const all = Object.entries({ ...files, ...changes }).filter(([, content]) => content !== "");
    return treeLayout(readHost(await readArchive("tree", chunksOf(tarOf(Object.fromEntries(all))))));
  };
  const noProc = Object.fromEntries(
    Object.keys(files).flatMap((path) => (path.startsWith("proc/") ? [[path, ""]] : [])),
  );
  const block = "sys/devices/system/memory/memory9";

  test("is a machine of its blocks", async () => {
    const layout = await layoutOf(noProc);
    expect(layout.notes.join()).toMatch(/does not tell: the kernel's version, .*holes, what pages are/);
    const said = await blocksOf(layout);
    expect(said).toEqual(["8 DMA32 online", "9 Movable online", "10 Movable online", "11 Movable online"]);
  });

  test.for(["DMA\n", "DMA Normal\n"])("zones as of s390x or arm64, %j, are refused with the block", async (zones) => {
    const layout = await layoutOf({ ...noProc, [`${block}/valid_zones`]: zones });
    expect(() => layoutHost(layout)).toThrow(/^block 9 is in zone DMA, where x86_64 has DMA32; only hosts of x86_64/);
  });

  test.for([
    [`${block}/state`, /memory9\/state is missing/],
    [`${block}/valid_zones`, /memory9\/valid_zones is missing; it says which zone/],
    [`${block}/node0`, /memory9 has no link to its node/],
  ] as const)("without %s it is refused", async ([path, message]) => {
    await expect(layoutOf({ ...noProc, [path]: "" })).rejects.toThrow(message);
  });
});

test("each is told from the others and from a scenario", () => {
  const all = [lsmem, log, topology, "format: memhp-scenario/1\n", '{"format": "memhp-kernel-trace/1"}'];
  expect(all.map(isLsmemJson)).toEqual([true, false, false, false, false]);
  expect(all.map(isKernelLog)).toEqual([false, true, false, false, false]);
  expect(all.map(isHwlocXml)).toEqual([false, false, true, false, false]);
});
