import { type Machine, offlineOutlook, start } from "@memhp/machine";
import { describe, expect, test } from "vitest";
import {
  chooseRules,
  countedHost,
  type Host,
  hostImage,
  hostUnknowns,
  judgeBlocks,
  readArchive,
  readHost,
  restoredDifferences,
  surveyHost,
} from "../src/index.ts";
import { parseZoneinfo } from "../src/host/zoneinfo.ts";
import { outcome, recordedHost, recordedNames, truthOf } from "./recorded.ts";
import { chunksOf, smallHost, type SmallFiles, tarOf, zoneText } from "./small-capture.ts";

async function machineOf(name: string): Promise<Machine> {
  const { host } = await recordedHost(name);
  return start(hostImage(host));
}

function textOf(machine: Machine, path: string): string | undefined {
  const read = machine.files.read(path);
  return read.ok ? read.value : undefined;
}

/** Pages that a hypervisor took back are counted by the kernel as none of the zone's, and by memhp as of it. */
const ballooned = new Set(["6.12-balloon", "6.12-virtiomem"]);

describe("a captured host as a machine", () => {
  test.for(recordedNames.filter((name) => !ballooned.has(name)))("%s: its zones are as they were", async (name) => {
    const { host } = await recordedHost(name);
    const machine = await machineOf(name);
    const differences = restoredDifferences(host, (path) => textOf(machine, path));
    expect(await machine.pages.audit()).toEqual([]);
    const determined = new Set(["start_pfn", "spanned", "present", "managed", "HugePages_Total", "HugePages_Free"]);
    expect(differences.filter(({ counter }) => determined.has(counter))).toEqual([]);
    await machine.close();
  });

  test("free pages are those with the flag, and those without any that are taken for free", async () => {
    const { host, memory } = await recordedHost("6.12-idle");
    const { pages: stores } = hostImage(host).memory.nodes;
    let buddy = 0;
    for (const { pages, value } of host.flags?.within(0, Number.POSITIVE_INFINITY) ?? [])
      if (memory.known[value]?.kind === "free") buddy += pages;
    const free = stores.flatMap(({ counters }) => counters.freePages).reduce((sum, pages) => sum + pages, 0);
    const unmarked = memory.zones.reduce((sum, { pcp }) => sum + pcp, 0);
    expect(free - buddy).toBeGreaterThanOrEqual(0);
    expect(free - buddy).toBeLessThanOrEqual(unmarked);
  });

  test.for(["6.12-mixchurn", "6.1-nofree", "6.12-hugefull", "6.12-shm", "6.1-hwpoison"])(
    "%s: offlines of the machine end as they did on the host",
    async (name) => {
      const machine = await machineOf(name);
      const { isolated } = truthOf(name);
      const outlook = await offlineOutlook(machine, [...machine.map.blocks.ids()]);
      const said = outlook
        .filter(({ block }) => block in isolated)
        .map(({ block, answer, refusal }) => [block, answer === "goes_offline" ? "0" : refusal?.errno]);
      expect(said).toEqual(said.map(([block]) => [block, outcome(isolated[block as number] ?? "").errno]));
      await machine.close();
    },
  );

  test("a block goes offline and comes back", async () => {
    const machine = await machineOf("6.12-pipes");
    const { host, memory, rules } = await recordedHost("6.12-pipes");
    const leaving = [...judgeBlocks(memory, rules)].find(
      ({ answer, zone }) => answer === "goes_offline" && zone === "Movable",
    );
    const block = leaving?.block ?? -1;
    expect((await machine.offline(block)).ok).toBe(true);
    expect((await machine.online(block, "movable")).ok).toBe(true);
    expect(host.blocks.some((each) => each.block === block)).toBe(true);
    await machine.close();
  });

  test("a page that nothing is known of belongs to `unknown`", async () => {
    const machine = await machineOf("6.1-hold");
    const outlook = await offlineOutlook(machine, [...machine.map.blocks.ids()]);
    const owners = outlook.flatMap(({ refusal }) => refusal?.pages ?? []).map(({ owner }) => owner);
    expect(owners).toContain("unknown");
    await machine.close();
  });
});

describe("a host whose pages nobody read", () => {
  /** As whoever is not root captures the small host. */
  function unread(): SmallFiles {
    const { "kpageflags.runs": _none, ...files } = smallHost("");
    const counters = { nr_zone_inactive_anon: 1000, nr_zone_active_file: 2000, nr_zone_unevictable: 10 };
    const at = (pfn: number, text: string): string => text.replace("  pagesets", `  start_pfn: ${pfn}\n  pagesets`);
    return {
      ...files,
      "sys/devices/system/memory/memory8/valid_zones": "DMA32\n",
      "proc/iomem": "00000000-00000000 : System RAM\n",
      "proc/zoneinfo": [
        at(0x40000, zoneText({ zone: "DMA32", free: 20000, managed: 32768, counters })),
        at(0x48000, zoneText({ zone: "Movable", free: 30000, managed: 32768, counters })),
        at(0x50000, zoneText({ node: 1, zone: "Movable", free: 60000 })),
      ].join(""),
    };
  }
  const read = async (): Promise<Host> => readHost(await readArchive("host", chunksOf(tarOf(unread()))));

  test("is no machine as it is", async () => {
    const host = await read();
    expect(() => hostImage(host)).toThrow(/\/proc\/kpageflags is missing; capture the host as root/);
  });

  test("is one of what its counters tell; the rest is unknown, and who is refused for it is told so", async () => {
    const host = await read();
    const counted = countedHost(host);
    const machine = await start(hostImage(counted), { verify: true });
    expect(await machine.pages.audit()).toEqual([]);
    const zones = parseZoneinfo(textOf(machine, "/proc/zoneinfo") ?? "").filter(({ present }) => present > 0);
    expect(zones.map(({ zone, present, free }) => [zone, present, free])).toEqual([
      ["DMA32", 32768, 20000],
      ["Movable", 32768, 30000],
      ["Movable", 65536, 60000],
    ]);
    expect(hostUnknowns(counted, hostImage(counted)).unknown).toBe(32768 - 20000 - 3010);
    const refused = await machine.offline(8);
    expect(refused.ok ? [] : refused.refusal.pages?.map(({ owner }) => owner)).toContain("unknown");
    expect((await machine.offline(9)).ok).toBe(true);
    await machine.close();
  });

  test("of a block in kernel zones nobody can tell", async () => {
    const host = await read();
    const said = [...judgeBlocks(surveyHost(host), chooseRules(host).rules)];
    expect(said.map(({ answer }) => answer)).toEqual(["unknown", "goes_offline", "goes_offline", "goes_offline"]);
  });
});

test("a block on two nodes is a block of both", async () => {
  const border = {
    "sys/devices/system/memory/memory9/valid_zones": "none\n",
    "sys/devices/system/memory/memory9/node1": "-> ../../node/node1",
    "proc/zoneinfo":
      zoneText({ zone: "DMA32", free: 20000, managed: 0xc000 }).replace(
        "  pagesets",
        "  start_pfn: 262144\n  pagesets",
      ) +
      zoneText({ node: 1, zone: "DMA32", free: 60000, managed: 0x14000 }).replace(
        "  pagesets",
        "  start_pfn: 311296\n  pagesets",
      ),
  };
  const zones = Object.fromEntries(
    [8, 10, 11].map((block) => [`sys/devices/system/memory/memory${block}/valid_zones`, "DMA32\n"]),
  );
  const files = smallHost("40000 131072 400\n", { ...border, ...zones });
  const machine = await start(hostImage(readHost(await readArchive("host", chunksOf(tarOf(files))))));
  expect(await machine.pages.audit()).toEqual([]);
  expect(textOf(machine, "/proc/zoneinfo")).toMatch(/Node 0, zone {4}DMA32[^N]*present {2}49152/s);
  expect(textOf(machine, "/sys/devices/system/memory/memory9/valid_zones")).toBe("none\n");
  await machine.close();
});

/** The small host, its second node called node 2. */
function gapped(): Readonly<Record<string, string>> {
  const named = (text: string): string => text.replaceAll("node1", "node2").replaceAll("Node 1", "Node 2");
  const files = Object.entries(smallHost("40000 131072 400\n")).map(([path, text]) => [named(path), named(text)]);
  const distances = { 0: "10 21\n", 2: "21 10\n" };
  return {
    ...(Object.fromEntries(files) as Record<string, string>),
    "sys/devices/system/memory/memory8/valid_zones": "DMA32\n",
    ...Object.fromEntries(
      Object.entries(distances).map(([node, text]) => [`sys/devices/system/node/node${node}/distance`, text]),
    ),
  };
}

test("nodes whose numbers leave a gap keep them, and memory comes to them", async () => {
  const host = readHost(await readArchive("host", chunksOf(tarOf(gapped()))));
  const machine = await start(hostImage(host), { verify: true });
  expect(textOf(machine, "/sys/devices/system/node/online")).toBe("0,2\n");
  expect(textOf(machine, "/sys/devices/system/node/node2/distance")).toBe("21 10\n");
  expect((await machine.offline(10)).ok).toBe(true);
  expect((await machine.add({ start: 2 ** 32, size: 2 ** 27 }, { node: 2 })).ok).toBe(true);
  const zones = parseZoneinfo(textOf(machine, "/proc/zoneinfo") ?? "");
  const present = zones.filter(({ node }) => node === 2).map((zone) => [zone.zone, zone.present]);
  // 6.12 takes it online itself, as its Debian configuration says.
  expect(present).toEqual(
    expect.arrayContaining([
      ["Normal", 32768],
      ["Movable", 32768],
    ]),
  );
  expect(await machine.pages.audit()).toEqual([]);
  await machine.close();
});

test("blocks of such nodes are explained", async () => {
  const host = readHost(await readArchive("host", chunksOf(tarOf(gapped()))));
  const said = [...judgeBlocks(surveyHost(host), chooseRules(host).rules)];
  expect(said.map(({ block, node, answer }) => [block, node, answer])).toEqual([
    [8, 0, "goes_offline"],
    [9, 0, "goes_offline"],
    [10, 2, "goes_offline"],
    [11, 2, "goes_offline"],
  ]);
});
