import { NOTIFY_OK, notifierFromErrno } from "@memhp/abi";
import { MigrateClass } from "@memhp/engine";
import { expect, test } from "vitest";
import { add, BLOCK, createLab, FIRST, outcomes } from "./lab.ts";

/** Whether the block's pageblocks are isolated when the chain hears of the offline, and of its cancel. */
async function isolatedWhile(kernel: "4.1" | "4.1-nomn" | "6.1" | "6.12"): Promise<Record<string, boolean>> {
  const lab = createLab(kernel);
  await lab.run([add(0, FIRST, 1), { op: "online", node: 0, blocks: [FIRST], type: "movable" }]);
  const seen: Record<string, boolean> = {};
  const isIsolated = (): boolean => {
    const [result] = lab.hotplug.pages([{ op: "runs", node: 0, startPfn: FIRST * BLOCK, count: 1 }]).results;
    return result?.op === "runs" && result.runs[0]?.page?.migrateType === MigrateClass.isolate;
  };
  lab.chain.register({
    name: "watch",
    priority: 100,
    call(action) {
      seen[action] = isIsolated();
      return NOTIFY_OK;
    },
  });
  lab.chain.register({
    name: "guard",
    priority: 0,
    call: (action) => notifierFromErrno(action === "MEM_GOING_OFFLINE" ? "EBUSY" : 0),
  });
  const answer = await lab.run([{ op: "offline", node: 0, blocks: [FIRST] }]);
  expect(outcomes(answer)).toEqual([`${FIRST}: EBUSY notifier_veto`]);
  expect(isIsolated()).toBe(false);
  return seen;
}

test.for(["4.1", "4.1-nomn"] as const)(
  "%s tells of the cancel first and gives the pageblocks back then (facts §4.1 step 5)",
  async (kernel) => {
    expect(await isolatedWhile(kernel)).toEqual({ MEM_GOING_OFFLINE: true, MEM_CANCEL_OFFLINE: true });
  },
);

test.for(["6.1", "6.12"] as const)(
  "%s gives the pageblocks back first and tells of the cancel then (facts §4.2)",
  async (kernel) => {
    expect(await isolatedWhile(kernel)).toEqual({ MEM_GOING_OFFLINE: true, MEM_CANCEL_OFFLINE: false });
  },
);
