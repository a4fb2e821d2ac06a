import { ZONE_DMA, ZONE_DMA32, ZONE_MOVABLE, ZONE_NORMAL, type ZoneIndex } from "@memhp/abi";
import {
  countNodeMasks,
  masksAfterOffline,
  masksAfterOnline,
  type NodeMasks,
  offlineStatusChange,
  onlineStatusChange,
  type StatusChange,
  unsetStatusChange,
} from "@memhp/notifier";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kernelIds, kernelOf, withConfig } from "../../../tools/conformance/src/kernels.ts";

const BLOCK = 0x8000;
const NONE: NodeMasks = { normalMemory: false, memory: false };
const MOVABLE_ONLY: NodeMasks = { normalMemory: false, memory: true };
const BOTH: NodeMasks = { normalMemory: true, memory: true };

/** [normal, high, nid] as in the struct; high is undefined where the kernel has no such field. */
const fields = (change: StatusChange) => [
  change.statusChangeNidNormal,
  change.statusChangeNidHigh,
  change.statusChangeNid,
];
const online = (kernel: string, zone: ZoneIndex, masks: NodeMasks) =>
  fields(onlineStatusChange({ kernel: kernelOf(kernel), nid: 1, zone, masks }));
const offline = (kernel: string, zone: ZoneIndex, presentPages: readonly number[], nrPages = BLOCK) =>
  fields(offlineStatusChange({ kernel: kernelOf(kernel), nid: 1, zone, nrPages, presentPages }));

describe("6.x (the steps of j_absent_node on node 1)", () => {
  test("a node's first block, online_movable: normal -1, nid 1", () => {
    expect(online("6.1", ZONE_MOVABLE, NONE)).toEqual([-1, undefined, 1]);
  });
  test("then its first kernel block: normal 1, nid -1", () => {
    expect(online("6.1", ZONE_NORMAL, MOVABLE_ONLY)).toEqual([1, undefined, -1]);
  });
  test("the movable block goes offline while the kernel block stays: -1, -1", () => {
    expect(offline("6.1", ZONE_MOVABLE, [0, 0, BLOCK, BLOCK])).toEqual([-1, undefined, -1]);
  });
  test("the last block of all, a kernel block, goes offline: normal 1, nid 1", () => {
    expect(offline("6.1", ZONE_NORMAL, [0, 0, BLOCK, 0])).toEqual([1, undefined, 1]);
  });
  test("the last kernel block goes offline while a movable one stays: normal 1, nid -1", () => {
    expect(offline("6.1", ZONE_NORMAL, [0, 0, BLOCK, BLOCK])).toEqual([1, undefined, -1]);
  });
  test("a node's first block in a kernel zone: normal 1, nid 1", () => {
    expect(online("6.12", ZONE_NORMAL, NONE)).toEqual([1, undefined, 1]);
  });
  test("a node that has both kinds changes nothing", () => {
    expect(online("6.12", ZONE_MOVABLE, BOTH)).toEqual([-1, undefined, -1]);
    expect(online("6.12", ZONE_DMA32, BOTH)).toEqual([-1, undefined, -1]);
  });
});

test("the pages of DMA and DMA32 keep a node in N_NORMAL_MEMORY", () => {
  expect(offline("6.1", ZONE_NORMAL, [4000, 0, BLOCK, 0])).toEqual([-1, undefined, -1]);
  expect(offline("4.1", ZONE_NORMAL, [0, BLOCK, BLOCK, 0])).toEqual([-1, -1, -1]);
});

test("a block with holes takes more pages than the node has: that is enough to empty it (facts/kernel.md §3.3)", () => {
  expect(offline("6.1", ZONE_DMA32, [0, BLOCK - 0x20, 0, 0])).toEqual([1, undefined, 1]);
});

test("4.1 has status_change_nid_high, a copy of normal without HIGHMEM (facts/kernel.md §3.3)", () => {
  expect(online("4.1", ZONE_NORMAL, NONE)).toEqual([1, 1, 1]);
  expect(online("4.1", ZONE_MOVABLE, NONE)).toEqual([-1, -1, 1]);
  expect(offline("4.1", ZONE_NORMAL, [0, 0, BLOCK, BLOCK])).toEqual([1, 1, -1]);
});

describe("4.1 without MOVABLE_NODE: N_MEMORY is N_NORMAL_MEMORY (facts/kernel.md §3.3)", () => {
  test("a first block in ZONE_MOVABLE counts as normal memory", () => {
    expect(online("4.1-nomn", ZONE_MOVABLE, NONE)).toEqual([1, 1, 1]);
    expect(online("4.1-nomn", ZONE_MOVABLE, BOTH)).toEqual([-1, -1, -1]);
  });
  test("the last kernel block goes and a movable block stays: the one mask does not change", () => {
    expect(offline("4.1-nomn", ZONE_NORMAL, [0, 0, BLOCK, BLOCK])).toEqual([-1, -1, -1]);
  });
  test("the last block of all clears the one mask, whatever its zone", () => {
    expect(offline("4.1-nomn", ZONE_MOVABLE, [0, 0, 0, BLOCK])).toEqual([1, 1, 1]);
  });
  test("the switch alone makes the difference", () => {
    const kernel = withConfig(kernelOf("4.1"), { MOVABLE_NODE: false });
    expect(fields(onlineStatusChange({ kernel, nid: 0, zone: ZONE_MOVABLE, masks: NONE }))).toEqual([0, 0, 0]);
  });
  test("6.x has no such option, and does not ask", () => {
    const linux = kernelOf("6.1");
    const kernel = { ...linux, config: { ...linux.config, MOVABLE_NODE: false } };
    expect(fields(onlineStatusChange({ kernel, nid: 0, zone: ZONE_MOVABLE, masks: NONE }))).toEqual([-1, undefined, 0]);
  });
});

test("6.12 sends MEM_PREPARE_ONLINE and MEM_FINISH_OFFLINE with 0 in both fields, on node 1 too (observed-6 §13)", () => {
  expect(unsetStatusChange).toEqual({ statusChangeNidNormal: 0, statusChangeNid: 0 });
});

test("masks of a node that is online but empty, has movable memory only, or any other", () => {
  const masks = (id: string, presentPages: number[]) => countNodeMasks(kernelOf(id), presentPages);
  expect(masks("6.1", [])).toEqual(NONE);
  expect(masks("6.1", [0, 0, 0, BLOCK])).toEqual(MOVABLE_ONLY);
  expect(masks("4.1", [0, 0, 0, BLOCK])).toEqual(MOVABLE_ONLY);
  expect(masks("4.1-nomn", [0, 0, 0, BLOCK])).toEqual(BOTH);
  expect(masks("6.1", [3998, 0, 0, 0])).toEqual(BOTH);
  expect(masks("6.1", [0, 0, 0, 0, BLOCK])).toEqual(NONE);
});

test("4.1 sets N_MEMORY after every online, whatever the notice said (facts/kernel.md §3.3)", () => {
  const silent: StatusChange = { statusChangeNidNormal: -1, statusChangeNidHigh: -1, statusChangeNid: -1 };
  expect(masksAfterOnline(kernelOf("4.1"), NONE, silent)).toEqual(MOVABLE_ONLY);
  expect(masksAfterOnline(kernelOf("4.1-nomn"), NONE, silent)).toEqual(BOTH);
});

test("where both masks are one, only status_change_nid_normal clears it (facts/kernel.md §3.3)", () => {
  const odd: StatusChange = { statusChangeNidNormal: -1, statusChangeNidHigh: -1, statusChangeNid: 1 };
  expect(masksAfterOffline(kernelOf("4.1-nomn"), BOTH, odd)).toEqual(BOTH);
  expect(masksAfterOffline(kernelOf("4.1"), BOTH, odd)).toEqual({ normalMemory: true, memory: false });
});

test("node 0 is a node: 0 in a field is a change", () => {
  const kernel = kernelOf("6.1");
  const gone = offlineStatusChange({
    kernel,
    nid: 0,
    zone: ZONE_NORMAL,
    nrPages: BLOCK,
    presentPages: [0, 0, BLOCK, 0],
  });
  expect(masksAfterOffline(kernel, BOTH, gone)).toEqual(NONE);
});

const zones: readonly ZoneIndex[] = [ZONE_DMA, ZONE_DMA32, ZONE_NORMAL, ZONE_MOVABLE];

test("property: after any sequence of onlines and offlines the masks equal a fresh count, and the fields name just what changed", () => {
  const step = fc.record({ online: fc.boolean(), zone: fc.constantFrom(...zones) });
  fc.assert(
    fc.property(fc.constantFrom(...kernelIds), fc.array(step, { maxLength: 40 }), (id, steps) => {
      const kernel = kernelOf(id);
      const presentPages = [0, 0, 0, 0];
      let masks = NONE;
      for (const { online: isOnline, zone } of steps) {
        const present = presentPages[zone] ?? 0;
        if (!isOnline && present === 0) continue;
        const change = isOnline
          ? onlineStatusChange({ kernel, nid: 3, zone, masks })
          : offlineStatusChange({ kernel, nid: 3, zone, nrPages: BLOCK, presentPages });
        presentPages[zone] = present + (isOnline ? BLOCK : -BLOCK);
        const after = (isOnline ? masksAfterOnline : masksAfterOffline)(kernel, masks, change);
        expect(after).toEqual(countNodeMasks(kernel, presentPages));
        expect(change.statusChangeNidNormal).toBe(after.normalMemory === masks.normalMemory ? -1 : 3);
        expect(change.statusChangeNid).toBe(after.memory === masks.memory ? -1 : 3);
        masks = after;
      }
    }),
  );
});
