import { dimmsOf } from "@memhp/devices";
import { describe, expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec } from "../src/index.ts";
import { BLOCK, FIRST, kernels6, lab, MIB, onNode, SECOND } from "./lab.ts";

/** A zone of /proc/zoneinfo: its counters by name. */
function zone(machine: Machine, node: number, name: string): Readonly<Record<string, number>> {
  const read = machine.files.read("/proc/zoneinfo");
  const text = read.ok ? read.value : "";
  const record =
    text.split(/^(?=Node )/m).find((each) => new RegExp(`^Node ${node}, zone +${name}\\n`).test(each)) ?? "";
  const counters = [...record.matchAll(/^ +(?:pages )?(free|spanned|present|managed) +(\d+)$/gm)];
  return Object.fromEntries(counters.map(([, counter = "", value]) => [counter, Number(value)]));
}

/** Pages in the free lists of a zone, as /proc/buddyinfo counts them. */
function buddyPages(machine: Machine, node: number, name: string): number {
  const read = machine.files.read("/proc/buddyinfo");
  const line = new RegExp(`^Node ${node}, zone +${name} +(.*)$`, "m").exec(read.ok ? read.value : "")?.[1] ?? "";
  return line.split(/ +/).reduce((sum, chunks, order) => sum + Number(chunks) * 2 ** order, 0);
}

/** QEMU's RAM ends 32 pages before the end of its last block. */
const LAST_BLOCK = BLOCK - 32;

describe("counters that look wrong and are the kernel's", () => {
  test.for(["4.1", "4.1-nomn"])(
    "%s: an empty Movable zone has 32 pages present and none spanned where its start was rounded past RAM's end (observed-4.1 Q6)",
    async (kernel) => {
      const spec = parseMachineSpec({
        machine: "q35",
        memory: "4G",
        slots: 4,
        maxmem: "8G",
        smp: 4,
        nodes: ["2G", "0M", "1G", "1G"].map((mem, nodeid) => ({ nodeid, mem, cpus: String(nodeid) })),
        cmdline: "movablecore=256M",
      });
      const machine = await bootMachine(spec, { kernel });
      expect(zone(machine, 0, "Movable")).toMatchObject({ spanned: 0, present: 32, managed: 0 });
      expect(await machine.pages.audit()).toEqual([]);
    },
  );

  /** Boot RAM of node 1 ends within a block, and is Movable up to there; a DIMM of the node comes after it. */
  const kernelcore = parseMachineSpec({
    machine: "q35",
    memory: "1536M",
    slots: 4,
    maxmem: "8G",
    smp: 2,
    nodes: [
      { nodeid: 0, mem: "512M", cpus: "0" },
      { nodeid: 1, mem: "1G", cpus: "1" },
    ],
    cmdline: "kernelcore=256M",
    extra: ["-object", "memory-backend-ram,id=mem-k0,size=512M", "-device", "pc-dimm,id=k0,memdev=mem-k0,node=1"],
  });

  test("4.1: Movable spans less than it has after its last DIMM went: the last block of boot RAM dropped out of the span (observed-4.1 Q7)", async () => {
    const machine = await bootMachine(kernelcore, { kernel: "4.1", kernelBlocks: [] });
    const before = zone(machine, 1, "Movable");
    expect(await machine.finish(dimmsOf(machine).eject("k0"))).toBeUndefined();
    expect(dimmsOf(machine).list()).toEqual([]);
    const after = zone(machine, 1, "Movable");
    expect(after["present"]).toBe(before["present"]);
    expect(after).toMatchObject({ spanned: 6 * BLOCK, present: 6 * BLOCK + LAST_BLOCK });
    expect(await machine.pages.audit()).toEqual([]);
  });

  test("4.1: the last block of boot RAM takes 32 pages less than a block away (observed-4.1 Q6: QEMU's RAM ends at ..ffe0)", async () => {
    const machine = await bootMachine(kernelcore, { kernel: "4.1", kernelBlocks: [] });
    const { present = 0 } = zone(machine, 1, "Movable");
    const last = 11;
    expect(await machine.offline(last)).toMatchObject({ ok: true, value: "changed" });
    expect(present - (zone(machine, 1, "Movable")["present"] ?? 0)).toBe(LAST_BLOCK);
    expect(await machine.pages.audit()).toEqual([]);
  });

  test.for(kernels6)(
    "%s: while a block goes offline its isolated pages are in the free lists and not free (x_going_offline)",
    async (kernel) => {
      const opened = await lab(kernel);
      const { machine, write } = opened;
      await opened.online("online_movable", FIRST);
      await opened.load("db", "pinned", MIB, { pin: "short", policy: onNode(1) });
      const pinned = (await opened.pagesIn(FIRST)).get("load:db") ?? 0;
      expect(pinned).toBeGreaterThan(0);
      machine.holdTime();
      const writing = write(FIRST, "offline", { signalAtNs: Number.POSITIVE_INFINITY });
      expect(await machine.passUntil(writing, SECOND)).toBe(false);
      expect(zone(machine, 1, "Movable")).toMatchObject({ free: 0, present: BLOCK });
      expect(buddyPages(machine, 1, "Movable")).toBe(BLOCK - pinned);
      expect(await machine.pages.audit()).toEqual([]);
    },
  );
});
