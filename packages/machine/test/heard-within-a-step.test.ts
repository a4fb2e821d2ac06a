import { dimmsOf } from "@memhp/devices";
import { expect, test } from "vitest";
import { bootMachine, parseMachineSpec } from "../src/index.ts";

test("a step over many blocks of many nodes lets the thread hear a signal between the nodes, also without workers", async () => {
  const count = 8;
  const machine = await bootMachine(
    parseMachineSpec({
      machine: "q35",
      memory: "8G",
      slots: count,
      maxmem: "128G",
      smp: count,
      cmdline: "memhp_default_state=offline",
      nodes: Array.from({ length: count }, (_, nodeid) => ({ nodeid, mem: "1G", cpus: String(nodeid) })),
    }),
    { kernel: "6.12" },
  );
  for (let node = 0; node < count; node++)
    await dimmsOf(machine).insert({ id: `d${node}`, memdev: `m${node}`, sizeBytes: 8 * 2 ** 30, node });
  let turns = 0;
  let isDone = false;
  const turn = (): void => {
    turns++;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  const blocks = dimmsOf(machine)
    .list()
    .flatMap(({ addr, sizeBytes }) => machine.blocksOf({ start: addr, size: sizeBytes }));
  const { changed } = await machine.bulk("online", blocks, "movable");
  isDone = true;
  expect(changed).toBe(count * 64);
  expect(turns).toBeGreaterThanOrEqual(count);
  await machine.close();
});

test("rounds of a load's churn that are due all at once let the thread hear a signal in between", async () => {
  const machine = await bootMachine(parseMachineSpec({ memory: "1G", nodes: [] }), { kernel: "6.12" });
  const policy = { mode: "bind", nodes: [0] } as const;
  const churn = { fraction: 0.5, everyNs: 1e9 };
  await machine.pages.loads.start({ id: "busy", kind: "anon", sizeBytes: 64 * 2 ** 20, policy, churn });
  let turns = 0;
  let isDone = false;
  const turn = (): void => {
    turns++;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await machine.wait(10e9);
  await machine.pages.loads.end("busy");
  isDone = true;
  expect(turns).toBeGreaterThanOrEqual(10);
  await machine.close();
});
