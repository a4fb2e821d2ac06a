import type { SimEvent } from "@memhp/abi";
import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";
import {
  type Distribution,
  distributionRules,
  OnlineAgent,
  parseRules,
  UdevDaemon,
  type UdevOptions,
  UeventFaults,
  whoOnlined,
} from "@memhp/udev";
import { describe, expect, test } from "vitest";
import { addDimm } from "./machine.ts";

const MS = 1e6;
const FIRST = 32;

interface Lab {
  readonly machine: Machine;
  readonly events: SimEvent[];
  readonly onliners: () => string[];
}

async function lab(kernel: string, cmdline: string): Promise<Lab> {
  const spec = parseMachineSpec({ memory: "2G", slots: 2, maxmem: "8G", smp: 1, nodes: [], cmdline });
  const machine = await bootMachine(spec, { kernel, kernelBlocks: [] });
  const events: SimEvent[] = [];
  machine.listen((event) => events.push(event));
  const zone = (block: number): string | undefined => {
    const read = machine.files.read(`/sys/devices/system/memory/memory${block}/valid_zones`);
    // 4.1 names the zone that a block is in first, then the one that it could change to.
    return read.ok ? read.value.trim().split(" ")[0] : "";
  };
  const onliners = (): string[] =>
    whoOnlined(events, cmdline).map(({ block, by }) => {
      const who = by.kind === "kernel" ? by.because : `${by.name.replace(/ .*/, "")} ${by.word}`;
      return `${block - FIRST} ${who} ${zone(block)}`;
    });
  return { machine, events, onliners };
}

function udev(machine: Machine, distribution: Distribution, options: Partial<UdevOptions> = {}): UdevDaemon {
  const { text, file } = distributionRules[distribution];
  return new UdevDaemon(machine, { rules: [parseRules(text, file)], ...options });
}

/** A DIMM of eight blocks comes, and time passes until everybody is done. */
async function plug({ machine }: Lab): Promise<void> {
  await addDimm(machine, "d0", 0);
  await machine.wait(500 * MS);
}

const eight = (text: string): string[] => Array.from({ length: 8 }, (_, i) => `${i} ${text}`);

describe("who onlines first, and into which zone", () => {
  const OFFLINE = "memhp_default_state=offline";

  test("a boot parameter: the kernel itself; a rule that does not look at the state is refused", async () => {
    const it = await lab("6.12", "memhp_default_state=online_movable");
    const daemon = udev(it.machine, "ubuntu", { constants: { virt: "microsoft" } });
    await plug(it);
    expect(it.onliners()).toEqual(eight("boot parameter Movable"));
    expect(daemon.takeHandled().flatMap(({ writes }) => writes.map(({ errno }) => errno))).toEqual(
      Array(8).fill("EINVAL"),
    );
    await it.machine.close();
  });

  test("the sysfs value, which somebody wrote after boot", async () => {
    const it = await lab("6.12", OFFLINE);
    await it.machine.write("/sys/devices/system/memory/auto_online_blocks", "online_kernel");
    await plug(it);
    expect(it.onliners()).toEqual(eight("auto_online_blocks Normal"));
    await it.machine.close();
  });

  test.each([
    ["rhel7", "6.1", {}, "udev online Normal"],
    ["suse", "4.1", {}, "udev online Normal"],
    ["rhel8", "6.12", { constants: { virt: "none" } }, undefined],
  ] as const)("a rule: %s on %s", async (distribution, kernel, options, expected) => {
    const it = await lab(kernel, kernel === "4.1" ? "" : OFFLINE);
    const daemon = udev(it.machine, distribution, options);
    await plug(it);
    expect(daemon.isSettled).toBe(true);
    // RHEL 8 leaves the memory to a kernel that was told to leave it to nobody.
    expect(it.onliners()).toEqual(expected === undefined ? [] : eight(expected));
    await it.machine.close();
  });

  test("an agent that polls wins where udev's workers are slow, and loses where they are not", async () => {
    for (const [wakeNs, winner] of [
      [50 * MS, "agent online_movable Movable"],
      [1000, "udev online Normal"],
    ] as const) {
      const it = await lab("6.1", OFFLINE);
      udev(it.machine, "rhel7", { wakeNs, rulesNs: 1000 });
      const options = { name: "agent", word: "online_movable", pollNs: 5 * MS };
      const agent = new OnlineAgent(it.machine, () => it.machine.map.blocks.ids(), options);
      await plug(it);
      agent.stop();
      expect(it.onliners()[7]).toBe(`7 ${winner}`);
      await it.machine.close();
    }
  });
});

test("an agent that acts on add tries again what was refused; a lost uevent is a block that stays offline", async () => {
  const it = await lab("6.1", "memhp_default_state=offline");
  it.machine.loadErrorInjection(0);
  const error = "/sys/kernel/debug/notifier-error-inject/memory/actions/MEM_GOING_ONLINE/error";
  await it.machine.write(error, "-12");
  const agent = new OnlineAgent(it.machine, () => [], {
    name: "agent",
    word: "online",
    onAddNs: MS,
    retry: { times: 1, afterNs: 20 * MS },
  });
  const faults = new UeventFaults();
  faults.add({ action: "add", devpath: "*/memory33", effect: "lost" });
  const daemon = udev(it.machine, "nixos", { faults, wakeNs: 100 * MS });
  await addDimm(it.machine, "d0", 0);
  await it.machine.wait(10 * MS);
  expect(agent.takeWrites().map(({ errno, retry }) => `${errno} ${retry}`)).toEqual(Array(8).fill("ENOMEM 0"));
  await it.machine.write(error, "0");
  await it.machine.wait(5 * MS);
  await it.machine.write(error, "-12");
  await it.machine.wait(500 * MS);
  expect(agent.takeWrites().map(({ errno, retry }) => `${errno} ${retry}`)).toEqual(Array(8).fill("ENOMEM 1"));
  const handled = daemon
    .takeHandled()
    .flatMap(({ writes }) => writes.map(({ path, errno }) => `${/memory\d+/.exec(path)?.[0]} ${errno}`));
  expect(handled).toEqual([32, 34, 35, 36, 37, 38, 39].map((n) => `memory${n} ENOMEM`));
  await it.machine.close();
});
