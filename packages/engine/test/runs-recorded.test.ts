import type { OnlineType } from "@memhp/abi";
import { isBlockOnline, validZones } from "@memhp/engine";
import { expect, test } from "vitest";
import { BLOCK, boot } from "./boards.ts";
import { contigZones, driverOf, type HotplugDriver } from "./hotplug-driver.ts";
import { blocksOf, kernelOf, ramOf, recordedRuns, type RecordedStep, zonesLike } from "./recorded.ts";

const onlineTypeOf: Readonly<Record<string, OnlineType>> = {
  online: "online",
  online_kernel: "kernel",
  online_movable: "movable",
};

/** Carries a step out and says which errno it had; 0 for a write that changes nothing, which the engine never sees. */
function perform(driver: HotplugDriver, step: RecordedStep): unknown {
  const { map } = driver;
  const { node = 0, startPfn = 0, blocks = 0, block = startPfn / BLOCK } = step;
  if (step.do === "add") return void driver.add(node, startPfn, blocks);
  if (step.do === "remove") return void driver.remove(node, startPfn, blocks);
  const type = onlineTypeOf[step.do];
  const isRedundant = isBlockOnline(map, block) === (type !== undefined);
  if (isRedundant) return step.errno;
  // Where kernel pages lie is the run's own affair (kernel-traces/README.md, `given`).
  if (step.errno === "EBUSY") driver.addUnmovablePage(block);
  const result = type === undefined ? driver.offline(block) : driver.online(block, type);
  return result.ok ? 0 : result.refusal.errno;
}

test.for(recordedRuns)("$trace: errno, spans, present pages and valid_zones are the kernel's, step by step", (run) => {
  const map = boot(kernelOf(run), ramOf(run), run);
  const movableNode = run.movableNode ?? false;
  const policy = run.autoMovable === undefined ? contigZones : { ...run.autoMovable, policy: "auto-movable" as const };
  const driver = driverOf(map, { ...policy, movableNode });
  for (const [index, step] of run.steps.entries()) {
    const where = `step ${index}: ${step.do} ${step.block ?? step.startPfn}`;
    expect([where, perform(driver, step)]).toEqual([where, step.errno]);
    if (step.zones !== undefined) expect([where, zonesLike(map, step.zones)]).toEqual([where, step.zones]);
    if (step.validZones === undefined) continue;
    const shown = [...map.blocks.ids()].filter((id) => id >= 12);
    const ours = shown.map((id) => [id, validZones(map, id, driver.policyFor(map.blocks.node(id)))] as const);
    expect([where, new Map(ours)]).toEqual([where, blocksOf(step.validZones)]);
  }
});
