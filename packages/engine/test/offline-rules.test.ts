import { ZONE_MOVABLE, ZONE_NORMAL } from "@memhp/abi";
import {
  BlockFlag,
  isIsolated,
  isolateBlock,
  isRemovable,
  nodeOf,
  PageKind,
  refuseBeforeIsolation,
  refuseUnlessIsolated,
  takeRange,
  addUnmovablePage,
} from "@memhp/engine";
import { describe, expect, test } from "vitest";
import { BLOCK, boot, HIGH, lowRam, memorylessNode1, oneNode2G, twoNodes1G } from "./boards.ts";
import { driverOf } from "./hotplug-driver.ts";

describe("before isolation", () => {
  test.for(["4.1", "6.1", "6.12"] as const)(
    "%s: block 0 is in two zones: EINVAL (facts §4.1 step 2, §4.2 step 1)",
    (id) => {
      expect(refuseBeforeIsolation(boot(id), 0)).toMatchObject({
        errno: "EINVAL",
        code: "mixed_zones",
        block: 0,
        node: 0,
        retry: "no",
      });
    },
  );

  test("a block with a hole: EINVAL in 6.x, none of its business in 4.1 (facts §10; observed-6 §9)", () => {
    expect(refuseBeforeIsolation(boot("6.1", oneNode2G), 15)).toMatchObject({
      errno: "EINVAL",
      code: "memory_hole",
      zone: "DMA32",
      detail: "32 of 32768 pages are no RAM",
    });
    expect(refuseBeforeIsolation(boot("4.1", oneNode2G), 15)).toBeUndefined();
  });

  test("4.1 refuses a block whose hole lies in another zone (boot-1n-noncontig)", () => {
    expect(refuseBeforeIsolation(boot("4.1", [lowRam(0x80800)]), 16)?.code).toBe("mixed_zones");
    expect(refuseBeforeIsolation(boot("6.1", [lowRam(0x80800)]), 16)?.code).toBe("memory_hole");
  });

  test("6.x refuses a block of two nodes (a_boot_node_boundary_unaligned)", () => {
    const map = boot("6.1", [[{ startPfn: 1, endPfn: 0x44000 }], [{ startPfn: 0x44000, endPfn: 0x80000 }]]);
    expect(refuseBeforeIsolation(map, 8)?.code).toBe("mixed_zones");
  });

  test("a whole block in one zone may go", () => {
    for (const id of ["4.1", "4.1-nomn", "6.1", "6.12"] as const) {
      expect(refuseBeforeIsolation(boot(id), 5)).toBeUndefined();
    }
  });
});

describe("the last Normal memory of a node (facts §4.1 step 3)", () => {
  /** Node 1 with block 32 Normal and block 33 Movable, both online. */
  const withBoth = (kernel: "4.1" | "4.1-nomn" | "6.1") => {
    const driver = driverOf(boot(kernel, memorylessNode1));
    driver.add(1, HIGH, 2);
    driver.online(32, "kernel");
    driver.online(33, "movable");
    return driver;
  };

  test("without MOVABLE_NODE it stays while there is Movable memory (4.1-nomn/q-nomn-offline-last-normal)", () => {
    const driver = withBoth("4.1-nomn");
    expect(driver.offline(32)).toMatchObject({
      ok: false,
      refusal: { errno: "EINVAL", code: "last_normal_memory", node: 1, zone: "Normal", retry: "maybe" },
    });
  });

  test("it may go after the Movable blocks", () => {
    const driver = withBoth("4.1-nomn");
    expect(driver.offline(33).ok).toBe(true);
    expect(driver.offline(32).ok).toBe(true);
  });

  test("it may go while another block of Normal stays", () => {
    const driver = withBoth("4.1-nomn");
    driver.add(1, 0x120000, 1);
    // Above Movable, so it was added to Movable; what counts is present pages of Normal.
    nodeOf(driver.map, 1).zones[ZONE_NORMAL].presentPages += BLOCK;
    expect(driver.offline(32).ok).toBe(true);
  });

  test("Movable memory may always go", () => {
    expect(withBoth("4.1-nomn").offline(33).ok).toBe(true);
  });

  test.for(["4.1", "6.1"] as const)("%s has no such rule (4.1/q-nomn-offline-last-normal)", (kernel) => {
    expect(withBoth(kernel).offline(32).ok).toBe(true);
  });
});

describe("isolation (facts §4.3)", () => {
  test.for(["4.1", "6.1", "6.12"] as const)("%s: kernel pages in a kernel zone: EBUSY, and the page is named", (id) => {
    const driver = driverOf(boot(id));
    driver.addUnmovablePage(5);
    expect(driver.offline(5)).toEqual({
      ok: false,
      refusal: {
        errno: "EBUSY",
        code: "unmovable_page",
        rule: "facts §4.3: has_unmovable_pages",
        block: 5,
        node: 0,
        zone: "DMA32",
        pages: [{ pfn: 5 * BLOCK, kind: "kernel", pageblock: 5 * 64, owner: "kernel" }],
        total: 1,
        retry: "no",
        remedy: ["online this range as movable before the kernel allocates from it"],
      },
    });
    expect(isIsolated(driver.storeOf(5), 5)).toBe(false);
  });

  /** The first block of a DIMM, movable. */
  const withMovable = (id: "4.1" | "6.1" | "6.12") => {
    const driver = driverOf(boot(id));
    driver.add(0, HIGH, 1);
    driver.online(32, "movable");
    return driver;
  };

  test("4.1 does not look at the pages of ZONE_MOVABLE, and finds them at the last check (facts §4.1 step 11)", () => {
    const driver = withMovable("4.1");
    driver.addUnmovablePage(32);
    const store = driver.storeOf(32);
    expect(isolateBlock(store, 32)).toBeUndefined();
    expect(refuseUnlessIsolated(store, 32)).toMatchObject({
      errno: "EBUSY",
      rule: "facts §4.1 step 11: a page is neither free nor isolated",
      zone: "Movable",
      pages: [{ pfn: HIGH, kind: "kernel", owner: "kernel" }],
      total: 1,
      retry: "maybe",
      remedy: ["try again: pages on per-cpu lists leave by themselves"],
    });
  });

  test.for(["6.1", "6.12"] as const)(
    "%s refuses reserved pages in ZONE_MOVABLE too (facts §10: reserved page in ZONE_MOVABLE)",
    (id) => {
      const driver = withMovable(id);
      const store = driver.storeOf(32);
      expect(takeRange(store, HIGH + 512, 2, PageKind.reserved, 0)).toBe(true);
      expect(isolateBlock(store, 32)).toMatchObject({
        errno: "EBUSY",
        rule: "facts §4.3: has_unmovable_pages",
        zone: "Movable",
        pages: [
          { pfn: HIGH + 512, kind: "reserved" },
          { pfn: HIGH + 513, kind: "reserved" },
        ],
        total: 2,
        retry: "no",
      });
      expect(driver.offline(32).ok).toBe(false);
    },
  );

  test.for(["6.1", "6.12"] as const)("%s takes every other page of ZONE_MOVABLE as movable (facts §4.3)", (id) => {
    const driver = withMovable(id);
    driver.addUnmovablePage(32);
    expect(isolateBlock(driver.storeOf(32), 32)).toBeUndefined();
  });

  test.for(["6.1", "6.12"] as const)(
    "%s refuses a page of the boot allocator in ZONE_MOVABLE (n_boot_movablecore)",
    (id) => {
      const store = withMovable(id).storeOf(32);
      const early = true;
      addUnmovablePage(store, 32, "given", early);
      expect(isolateBlock(store, 32)).toMatchObject({ errno: "EBUSY", code: "unmovable_page" });
    },
  );

  test.for(["4.1", "6.1"] as const)("%s: a block without kernel pages passes both", (id) => {
    const store = driverOf(boot(id)).storeOf(5);
    expect([isolateBlock(store, 5), refuseUnlessIsolated(store, 5)]).toEqual([undefined, undefined]);
  });
});

describe("removable", () => {
  test.for(["6.1", "6.12"] as const)("%s: 1 for every block, even block 0 and busy ones (observed-6 §15, 8)", (id) => {
    const map = boot(id);
    for (const block of map.blocks.ids()) {
      map.blocks.setFlag(block, BlockFlag.unmovable, true);
      expect(isRemovable(map, block)).toBe(true);
    }
  });

  test("6.x without MEMORY_HOTREMOVE: 0 (facts §2.2)", () => {
    const map = boot("6.1");
    const without = { ...map.kernel, config: { ...map.kernel.config, MEMORY_HOTREMOVE: false } };
    expect(isRemovable({ ...map, kernel: without }, 5)).toBe(false);
  });

  test("4.1: 0 for a block in two zones (boot-1n memory0)", () => {
    expect(isRemovable(boot("4.1"), 0)).toBe(false);
  });

  test("4.1: 0 for kernel pages in a kernel zone, 1 for the same in ZONE_MOVABLE (observed-4.1 §6)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 2);
    driver.online(33, "movable");
    driver.online(32, "kernel");
    for (const block of [32, 33]) {
      expect(isRemovable(driver.map, block)).toBe(true);
      driver.addUnmovablePage(block);
    }
    expect([isRemovable(driver.map, 32), isRemovable(driver.map, 33)]).toEqual([false, true]);
  });

  test("4.1: 1 for an offline block in its zone's span (observed-4.1 §2)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 4);
    expect([32, 33, 34, 35].map((block) => isRemovable(driver.map, block))).toEqual([true, true, true, true]);
  });

  test("4.1: 0 for a block of which a pageblock is outside of the zone's span (observed-4.1 Q7)", () => {
    const driver = driverOf(boot("4.1"));
    driver.add(0, HIGH, 2);
    const normal = nodeOf(driver.map, 0).zones[ZONE_NORMAL];
    normal.spannedPages -= 512;
    expect(isRemovable(driver.map, 33)).toBe(false);
    normal.spannedPages += 1;
    expect(isRemovable(driver.map, 33)).toBe(true);
    normal.startPfn += 1;
    expect([isRemovable(driver.map, 32), isRemovable(driver.map, 33)]).toEqual([false, true]);
  });

  test("4.1: 0 for a block of a node that is not online (facts §2.7)", () => {
    const driver = driverOf(boot("4.1", memorylessNode1));
    driver.add(1, HIGH, 1);
    expect(isRemovable(driver.map, 32)).toBe(true);
    nodeOf(driver.map, 1).online = false;
    expect(isRemovable(driver.map, 32)).toBe(false);
  });

  test("4.1: it says nothing of the last Normal memory (facts §2.7)", () => {
    const driver = driverOf(boot("4.1-nomn", twoNodes1G));
    driver.add(1, HIGH, 1);
    driver.online(32, "movable");
    expect(nodeOf(driver.map, 1).zones[ZONE_MOVABLE].presentPages).toBe(BLOCK);
    expect(isRemovable(driver.map, 14)).toBe(true);
  });
});
