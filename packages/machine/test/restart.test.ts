import { dimmsOf } from "@memhp/devices";
import { describe, expect, test } from "vitest";
import {
  bootMachine,
  decodeImage,
  encodeImage,
  type Machine,
  type MachineImage,
  parseMachineSpec,
  snapshot,
  start,
} from "../src/index.ts";

const spec = parseMachineSpec({
  memory: "1G",
  slots: 2,
  maxmem: "4G",
  smp: 1,
  nodes: [],
  cmdline: "memhp_default_state=offline",
});
const STATE = "/sys/devices/system/memory/memory3/state";

describe("what files do wrong on purpose goes on in a machine that starts from an image", () => {
  const look = (machine: Machine): string => {
    const read = machine.files.read(STATE);
    return read.ok ? read.value.trim() : String(read.refusal.errno);
  };
  const looks = (machine: Machine, times: number): string[] => Array.from({ length: times }, () => look(machine));

  test("with what each fault has met, its texts in turn, and the same draws", async () => {
    const machine = await bootMachine(spec, { kernel: "6.1", seed: 7 });
    machine.faults.add({ path: STATE, operation: "read", when: { kind: "every", n: 3 }, errno: "EIO" });
    machine.faults.add({
      path: STATE,
      operation: "read",
      when: { kind: "probability", p: 0.5 },
      texts: ["a", "b", "c"],
    });
    looks(machine, 11);
    const image = JSON.parse(JSON.stringify(await snapshot(machine))) as MachineImage;
    const again = await start(image, { verify: true });
    expect(again.faults.list()).toEqual(machine.faults.list());
    const expected = looks(machine, 40);
    expect(looks(again, 40)).toEqual(expected);
    expect(new Set(expected)).toEqual(new Set(["EIO", "a", "b", "c", "online"]));
    // Ids go on, too.
    expect(again.faults.add({ path: STATE, operation: "write", when: { kind: "always" }, errno: "EIO" })).toBe(3);
  });

  test("a machine whose files never failed says nothing of it; one whose faults ended keeps its ids", async () => {
    const machine = await bootMachine(spec, { kernel: "6.1" });
    expect(await snapshot(machine)).not.toHaveProperty("faults");
    machine.faults.remove(
      machine.faults.add({ path: STATE, operation: "read", when: { kind: "always" }, errno: "EIO" }),
    );
    expect((await snapshot(machine)).faults?.files).toEqual({ rows: [], next: 2 });
  });

  test("a fault that makes no sense is refused with its place", async () => {
    const machine = await bootMachine(spec, { kernel: "6.1" });
    machine.faults.add({ path: STATE, operation: "read", when: { kind: "every", n: 2 }, errno: "EIO" });
    const image = await snapshot(machine);
    const [row] = image.faults?.files.rows ?? [];
    const damaged = (change: object): MachineImage =>
      Object.assign({ ...image }, { faults: { draws: 1, files: { next: 2, rows: [{ ...row, ...change }] } } });
    const read = decodeImage(encodeImage(damaged({ operation: "nap" }))).then(() => "read");
    await expect(read).rejects.toThrow("faults.files.rows[0].operation: expected lookup or list or read or write");
    const senseless = start(damaged({ when: { kind: "every", n: 0 } }), { verify: true }).then(() => "started");
    await expect(senseless).rejects.toThrow("every: 0 makes no sense");
  });
});

describe("callbacks of one priority are called in the order in which they joined the chain", () => {
  /** Who is called for MEM_GOING_ONLINE, in order; `early` and `late` are in every run. */
  async function called(machine: Machine): Promise<string[]> {
    const names: string[] = [];
    const stop = machine.listen((event) => {
      if (event.type === "notifier" && event.action === "MEM_GOING_ONLINE") names.push(event.name);
    });
    await dimmsOf(machine).insert({ id: "d", memdev: "m", sizeBytes: 2 ** 27, node: 0 });
    await machine.online(32, "movable");
    stop();
    return names.filter((name) => name !== "early" && name !== "late");
  }
  const INJECT = "memory-notifier-error-inject";
  const ok = (): number => 1;
  const notifiers = { first: ok, second: ok, third: ok };

  async function prepared(order: readonly string[]): Promise<Machine> {
    const machine = await bootMachine(spec, { kernel: "6.1" });
    for (const name of order)
      if (name === INJECT) machine.loadErrorInjection(0);
      else await machine.registerNotifier(name, 0, ok);
    return machine;
  }

  test.for([
    [[INJECT, "first", "second"]],
    [["first", INJECT, "second"]],
    [["first", "second", INJECT]],
    [["first", "second"]],
  ])("%j, before and after a restart", async ([order = []]) => {
    const machine = await prepared(order);
    const again = await start(await snapshot(machine), { notifiers });
    expect(await called(machine)).toEqual(order);
    expect(await called(again)).toEqual(order);
  });

  test("a module that is loaded anew joins behind", async () => {
    const machine = await prepared([INJECT, "first"]);
    machine.unloadErrorInjection();
    machine.loadErrorInjection(0);
    const again = await start(await snapshot(machine), { notifiers });
    expect(await called(machine)).toEqual(["first", INJECT]);
    expect(await called(again)).toEqual(["first", INJECT]);
  });
});
