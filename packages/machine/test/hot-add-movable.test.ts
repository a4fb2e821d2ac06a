import { dimmsOf } from "@memhp/devices";
import { expect, test } from "vitest";
import { bootMachine, parseMachineSpec } from "../src/index.ts";

const MEMORY = "/sys/devices/system/memory";
const spec = (cmdline: string): ReturnType<typeof parseMachineSpec> =>
  parseMachineSpec({ machine: "pc", memory: "2G", slots: 4, maxmem: "8G", smp: 1, nodes: [], cmdline });

/** Zones that the blocks of a DIMM may be in once it is plugged in and one block after the other was written `online`. */
async function zonesOfDimm(kernel: string, cmdline: string): Promise<string[]> {
  const machine = await bootMachine(spec(cmdline), { kernel });
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 2 ** 29, node: 0 });
  const zones: string[] = [];
  for (let block = 32; block < 36; block++) {
    await machine.write(`${MEMORY}/memory${block}/state`, "online");
    const read = machine.files.read(`${MEMORY}/memory${block}/valid_zones`);
    zones.push(read.ok ? read.value.trimEnd() : String(read.refusal.errno));
  }
  expect(await machine.pages.audit()).toEqual([]);
  return zones;
}

test("4.1 adds memory to ZONE_NORMAL, and with memhp's switch to ZONE_MOVABLE (the document's future work)", async () => {
  expect(await zonesOfDimm("4.1", "")).toEqual(["Normal", "Normal", "Normal", "Normal Movable"]);
  expect(await zonesOfDimm("4.1", "memhp.hot_add_movable")).toEqual([
    "Movable Normal",
    "Movable",
    "Movable",
    "Movable",
  ]);
});

test("6.12 has the switch itself: memhp_default_state=online_movable; memhp's changes nothing there", async () => {
  const movable = ["Movable", "Movable", "Movable", "Movable"];
  expect(await zonesOfDimm("6.12", "memhp_default_state=online_movable")).toEqual(movable);
  const asEver = await zonesOfDimm("6.12", "memhp_default_state=offline");
  expect(await zonesOfDimm("6.12", "memhp_default_state=offline memhp.hot_add_movable")).toEqual(asEver);
});

test("4.1 has no auto_online_blocks, and so no memhp_default_state: what comes stays offline", async () => {
  const offline = await zonesOfDimm("4.1", "");
  expect(await zonesOfDimm("4.1", "memhp_default_state=online_movable")).toEqual(offline);
});
