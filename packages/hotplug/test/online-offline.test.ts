import { notifierFromErrno, ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import { BlockFlag, BlockState, NO_ZONE, nodeOf } from "@memhp/engine";
import { defaultCosts } from "@memhp/hotplug";
import { describe, expect, test } from "vitest";
import {
  add,
  answering,
  BLOCK,
  blocks,
  createLab,
  eventsOf,
  FIRST,
  type Lab,
  moves,
  outcomes,
  uevents,
} from "./lab.ts";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";

/** A machine with a DIMM of `count` blocks on node 1. */
async function withDimm(kernel: string, count = 4): Promise<Lab> {
  const lab = createLab(kernel);
  await lab.run([add(1, FIRST, count)]);
  return lab;
}

const online = (list: readonly number[], type: "online" | "kernel" | "movable" | "remembered" = "online") =>
  ({ op: "online", node: 1, blocks: list, type }) as const;
const offline = (list: readonly number[]) => ({ op: "offline", node: 1, blocks: list }) as const;

describe("an online", () => {
  test.for(kernelIds)("%s: walks the statechart and says so event by event", async (kernel) => {
    const answer = await (await withDimm(kernel)).run([online([FIRST + 3])]);
    expect(outcomes(answer)).toEqual(["35: changed"]);
    expect(moves(answer, 35)).toEqual([
      "going_online.choosing_zone",
      "going_online.notifying",
      "going_online.populating",
      "going_online.announcing",
      "online",
    ]);
    expect(uevents(answer)).toEqual(["online@memory35"]);
    expect(answer.finished).toBe(true);
  });

  test("takes the simulated time of its steps, and not a moment of the wall clock's", async () => {
    const lab = await withDimm("6.1");
    const startNs = lab.nowNs();
    const { endNs } = await lab.run([online([FIRST])]);
    const { choose_zone, notify_going_online, populate, announce_online } = defaultCosts.steps;
    expect(endNs - startNs).toBe(choose_zone + notify_going_online + populate + announce_online);
    // observed-6 §14: 1.6 ms.
    expect(endNs - startNs).toBe(1_600_000);
  });

  test("brings pages, spans and masks before MEM_ONLINE is told (facts §3.2 steps 9 to 12)", async () => {
    const lab = await withDimm("6.12");
    const seen: unknown[] = [];
    lab.chain.register({
      name: "witness",
      call: (action) => {
        const { presentPages, hasNormalMemory } = nodeOf(lab.map, 1);
        seen.push([action, presentPages - 262112, hasNormalMemory]);
        return 1;
      },
    });
    await lab.run([online([FIRST], "movable")]);
    expect(seen).toEqual([
      ["MEM_PREPARE_ONLINE", 0, true],
      ["MEM_GOING_ONLINE", 0, true],
      ["MEM_ONLINE", BLOCK, true],
    ]);
  });

  test("of a block that is online already changes nothing and takes no time (observed-4.1 Q1)", async () => {
    const lab = await withDimm("4.1");
    await lab.run([online([FIRST])]);
    const before = lab.nowNs();
    const answer = await lab.run([online([FIRST], "movable")]);
    expect(outcomes(answer)).toEqual(["32: same"]);
    expect([answer.events, answer.endNs]).toEqual([[], before]);
  });

  test("uses up the remembered type, successful or not (facts §2.8)", async () => {
    const lab = await withDimm("6.1");
    await lab.run([{ op: "remember_type", node: 1, block: FIRST, type: "movable" }]);
    await lab.run([online([FIRST], "remembered")]);
    expect(lab.map.blocks.zone(FIRST)).toBe(ZONE_MOVABLE);
    await lab.run([offline([FIRST])]);
    await lab.run([online([FIRST], "remembered")]);
    expect(lab.map.blocks.zone(FIRST)).toBe(ZONE_NORMAL);
  });

  test("with a remembered type that the kernel refuses does not try it again (facts §2.8)", async () => {
    const lab = await withDimm("4.1");
    await lab.run([{ op: "remember_type", node: 1, block: FIRST, type: "movable" }]);
    expect(outcomes(await lab.run([online([FIRST], "remembered")]))).toEqual(["32: EINVAL not_adjacent"]);
    expect(outcomes(await lab.run([online([FIRST], "remembered")]))).toEqual(["32: changed"]);
  });

  test("of poisoned memory: EHWPOISON on 6.12, with no notifier call (observed-6 §13)", async () => {
    const lab = await withDimm("6.12");
    lab.chain.register(answering("witness", {}));
    lab.map.blocks.setFlag(FIRST, BlockFlag.poisoned, true);
    const answer = await lab.run([online([FIRST])]);
    expect(outcomes(answer)).toEqual(["32: EHWPOISON poisoned"]);
    expect(eventsOf(answer, "notifier")).toEqual([]);
    expect(moves(answer, FIRST)).toEqual(["going_online.choosing_zone", "offline"]);
  });

  test("that is refused before anybody was told sends neither GOING nor CANCEL (4.1: order-mv-ascending)", async () => {
    const lab = await withDimm("4.1");
    lab.chain.register(answering("witness", {}));
    const answer = await lab.run([online([FIRST], "movable")]);
    expect(outcomes(answer)).toEqual(["32: EINVAL not_adjacent"]);
    expect(eventsOf(answer, "notifier")).toEqual([]);
    expect(uevents(answer)).toEqual([]);
  });

  test("of a block with its own memmap tells of the rest of it (observed-6 §4: pfn+0x200, n=0x7e00)", async () => {
    const lab = createLab("6.12");
    lab.chain.register(answering("witness", {}));
    await lab.run([{ ...add(1, FIRST, 1), op: "add", altmapPages: 512 } as ReturnType<typeof add>]);
    const answer = await lab.run([online([FIRST], "movable")]);
    for (const { startPfn, nrPages } of eventsOf(answer, "notifier")) {
      expect([startPfn, nrPages]).toEqual([0x100200, 0x7e00]);
    }
    expect(eventsOf(answer, "zone").at(-1)).toMatchObject({
      spannedPages: BLOCK,
      presentPages: 32768,
      managedPages: 32256,
    });
  });
});

describe("an offline", () => {
  test.for(kernelIds)("%s: walks the statechart and says so event by event", async (kernel) => {
    const lab = await withDimm(kernel);
    await lab.run([online([FIRST + 3])]);
    const answer = await lab.run([offline([FIRST + 3])]);
    expect(outcomes(answer)).toEqual(["35: changed"]);
    expect(moves(answer, 35)).toEqual([
      "going_offline.checking",
      "going_offline.isolating",
      "going_offline.notifying",
      "going_offline.migrating",
      "going_offline.dissolving",
      "going_offline.verifying",
      "going_offline.withdrawing",
      "offline",
    ]);
    expect(uevents(answer)).toEqual(["offline@memory35"]);
  });

  test("takes the pages before MEM_OFFLINE is told (facts §4.1)", async () => {
    const lab = await withDimm("4.1");
    await lab.run([online([FIRST])]);
    const seen: unknown[] = [];
    lab.chain.register({
      name: "witness",
      call: (action) => {
        seen.push([action, nodeOf(lab.map, 1).presentPages - 262112]);
        return 1;
      },
    });
    await lab.run([offline([FIRST])]);
    expect(seen).toEqual([
      ["MEM_GOING_OFFLINE", BLOCK],
      ["MEM_OFFLINE", 0],
    ]);
  });

  test("leaves the block in its zone on 4.1 and in none on 6.x (facts §9.2)", async () => {
    for (const [kernel, zone] of [
      ["4.1", ZONE_NORMAL],
      ["6.1", NO_ZONE],
    ] as const) {
      const lab = await withDimm(kernel);
      await lab.run([online([FIRST])]);
      await lab.run([offline([FIRST])]);
      expect(lab.map.blocks.zone(FIRST)).toBe(zone);
    }
  });

  test.for(["4.1", "6.1", "6.12"] as const)(
    "%s: of kernel memory: EBUSY before anybody was told (observed-6 §7)",
    async (kernel) => {
      const lab = await withDimm(kernel);
      lab.chain.register(answering("witness", {}));
      await lab.run([online([FIRST], "kernel")]);
      await lab.run([{ op: "set_unmovable", node: 1, block: FIRST, unmovable: true }]);
      const answer = await lab.run([offline([FIRST])]);
      expect(outcomes(answer)).toEqual(["32: EBUSY unmovable_page"]);
      expect(eventsOf(answer, "notifier")).toEqual([]);
      expect(eventsOf(answer, "refusal").map(({ refusal }) => refusal.code)).toEqual(["unmovable_page"]);
      expect(lab.map.blocks.state(FIRST)).toBe(BlockState.online);
    },
  );

  test("of kernel memory in 4.1's ZONE_MOVABLE fails at the last check, and is cancelled (facts §4.1 step 11)", async () => {
    const lab = await withDimm("4.1");
    lab.chain.register(answering("witness", {}));
    await lab.run([online([FIRST + 3], "movable")]);
    await lab.run([{ op: "set_unmovable", node: 1, block: 35, unmovable: true }]);
    const answer = await lab.run([offline([35])]);
    expect(eventsOf(answer, "notifier").map(({ action }) => action)).toEqual([
      "MEM_GOING_OFFLINE",
      "MEM_CANCEL_OFFLINE",
    ]);
    expect(moves(answer, 35).slice(-2)).toEqual(["going_offline.cancelling", "online"]);
  });

  test("of block 0: EINVAL, at once (observed-6 §9)", async () => {
    for (const kernel of kernelIds) {
      const lab = createLab(kernel);
      const answer = await lab.run([{ op: "offline", node: 0, blocks: [0] }]);
      expect(outcomes(answer)).toEqual(["0: EINVAL mixed_zones"]);
    }
  });

  test("works again once the kernel pages are gone", async () => {
    const lab = await withDimm("6.1");
    await lab.run([online([FIRST], "kernel")]);
    for (const unmovable of [true, false]) {
      await lab.run([{ op: "set_unmovable", node: 1, block: FIRST, unmovable }]);
      const answer = await lab.run([offline([FIRST])]);
      expect(outcomes(answer)).toEqual([unmovable ? "32: EBUSY unmovable_page" : "32: changed"]);
    }
  });
});

describe("several blocks in one request", () => {
  test("go one after another, in the order asked for", async () => {
    const lab = await withDimm("4.1");
    const answer = await lab.run([online([35, 34, 33, 32], "movable")]);
    expect(outcomes(answer)).toEqual(["35: changed", "34: changed", "33: changed", "32: changed"]);
    expect(uevents(answer)).toEqual(["online@memory35", "online@memory34", "online@memory33", "online@memory32"]);
    const { zones } = nodeOf(lab.map, 1);
    expect(zones[ZONE_MOVABLE]).toMatchObject({ startPfn: FIRST * BLOCK, spannedPages: 4 * BLOCK });
  });

  test("ascending, 4.1 refuses all but the last (order-mv-ascending)", async () => {
    const lab = await withDimm("4.1");
    expect(outcomes(await lab.run([online(blocks(FIRST, 4), "movable")]))).toEqual([
      "32: EINVAL not_adjacent",
      "33: EINVAL not_adjacent",
      "34: EINVAL not_adjacent",
      "35: changed",
    ]);
  });

  test("stopAtFailure ends at the first that fails; the rest is not tried (observed-6 §7: h_inject)", async () => {
    const lab = await withDimm("6.1");
    lab.chain.register(answering("veto", { MEM_GOING_ONLINE: notifierFromErrno("ENOMEM") }));
    const answer = await lab.run([{ ...online(blocks(FIRST, 4)), stopAtFailure: true }]);
    expect(outcomes(answer)).toEqual(["32: ENOMEM notifier_veto"]);
    expect(eventsOf(answer, "block").every(({ block }) => block === FIRST)).toBe(true);
  });

  test("stopAtFailure goes on over blocks that had nothing to change", async () => {
    const lab = await withDimm("4.1");
    await lab.run([online([32, 33])]);
    const answer = await lab.run([{ ...online([32, 33, 34, 35]), stopAtFailure: true }]);
    expect(outcomes(answer)).toEqual(["32: same", "33: same", "34: changed", "35: changed"]);
  });

  test("stopAtFailure of an offline leaves the later blocks online", async () => {
    const lab = await withDimm("6.1");
    await lab.run([online(blocks(FIRST, 3), "kernel")]);
    await lab.run([{ op: "set_unmovable", node: 1, block: 33, unmovable: true }]);
    const answer = await lab.run([{ ...offline(blocks(FIRST, 3)), stopAtFailure: true }]);
    expect(outcomes(answer)).toEqual(["32: changed", "33: EBUSY unmovable_page"]);
    expect(lab.map.blocks.state(34)).toBe(BlockState.online);
  });

  test("without it each is tried", async () => {
    const lab = await withDimm("6.1");
    await lab.run([online(blocks(FIRST, 3), "kernel")]);
    await lab.run([{ op: "set_unmovable", node: 1, block: 33, unmovable: true }]);
    const answer = await lab.run([offline(blocks(FIRST, 3))]);
    expect(outcomes(answer)).toEqual(["32: changed", "33: EBUSY unmovable_page", "34: changed"]);
  });
});

describe("a refusal is an answer (DESIGN law 4)", () => {
  test("it names the rule, the block and what would help", async () => {
    const lab = await withDimm("4.1");
    lab.chain.register(answering("kasan", { MEM_GOING_ONLINE: 0x8002 }));
    const answer = await lab.run([online([FIRST])]);
    expect(eventsOf(answer, "refusal")[0]?.refusal).toEqual({
      errno: "EPERM",
      code: "notifier_veto",
      rule: "facts §7: a callback of the memory notifier chain refused",
      block: 32,
      node: 1,
      zone: "Normal",
      retry: "maybe",
      remedy: ["find out why kasan refuses MEM_GOING_ONLINE", "if an error is injected, write 0 to its error file"],
      detail: "kasan answered MEM_GOING_ONLINE with EPERM",
    });
  });

  test("a refusal of one block is not the next one's", async () => {
    const lab = await withDimm("4.1");
    const answer = await lab.run([online([32, 35], "movable"), online([32], "kernel")]);
    expect(outcomes(answer, 0)).toEqual(["32: EINVAL not_adjacent", "35: changed"]);
    expect(outcomes(answer, 1)).toEqual(["32: changed"]);
  });
});
