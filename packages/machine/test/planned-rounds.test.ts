import type { TargetServer } from "@memhp/shards";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Machine } from "../src/index.ts";
import { internalsOf } from "../src/machine.ts";
import { fillings, loadedMachine } from "./loaded-machines.ts";

/** A server that asks node by node, as it does where counters are not enough. */
function asking(server: TargetServer): TargetServer {
  return { plan: () => undefined, serve: (targetRequests, work) => server.serve(targetRequests, work) };
}

/** Counts the rounds that a server could plan. */
function counting(server: TargetServer, planned: { rounds: number }): TargetServer {
  return {
    plan(targetRequests, freePages) {
      const plan = server.plan(targetRequests, freePages);
      planned.rounds += Number(plan !== undefined);
      return plan;
    },
    serve: (targetRequests, work) => server.serve(targetRequests, work),
  };
}

/** Every DIMM block goes offline, all nodes beside each other. @returns all that anybody can see of it. */
async function emptied(machine: Machine): Promise<unknown> {
  const heard: string[] = [];
  machine.listen((event) => heard.push(JSON.stringify(event)));
  const blocks = [...machine.map.blocks.ids()].filter((block) => machine.map.blocks.group(block) >= 0);
  const result = await machine.bulk("offline", blocks, "online", { signalAtNs: machine.nowNs + 10_000_000_000 });
  return { heard, result, pages: [...internalsOf(machine).shards.pages], nowNs: machine.nowNs };
}

test("property: a round that counters plan is the one that asking node by node comes to", async () => {
  const planned = { rounds: 0 };
  await fc.assert(
    fc.asyncProperty(fillings(["anon", "file", "thp", "mlock", "pinned"], 500), async (filling) => {
      const [machine, other] = [await loadedMachine("6.12", filling), await loadedMachine("6.12", filling)];
      internalsOf(machine).shards.targetServer = counting(
        internalsOf(machine).shards.targetServer as TargetServer,
        planned,
      );
      internalsOf(other).shards.targetServer = asking(internalsOf(other).shards.targetServer as TargetServer);
      expect(await emptied(machine)).toEqual(await emptied(other));
      await machine.close();
      await other.close();
    }),
    { seed: 12, numRuns: 8 },
  );
  expect(planned.rounds).toBeGreaterThan(5);
});
