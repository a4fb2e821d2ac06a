import { dimmsOf } from "@memhp/devices";
import { expect, test } from "vitest";
import { BLOCK, FIRST, kernels, kernels41, kernels6, lab, refusalOf } from "./lab.ts";

test.for(kernels41)("%s not_adjacent: a block in the middle of ZONE_NORMAL refuses online_movable", async (kernel) => {
  const { write, state } = await lab(kernel);
  const answer = await write(FIRST + 1, "online_movable");
  expect(answer).toMatchObject({ ret: -1, errno: "EINVAL" });
  expect(answer.refusal).toEqual({
    errno: "EINVAL",
    code: "not_adjacent",
    rule: "facts §3.1 step 3: only the highest block of ZONE_NORMAL can become Movable",
    block: FIRST + 1,
    node: 1,
    zone: "Normal",
    retry: "maybe",
    remedy: [`online the block at the end of ZONE_NORMAL (block ${FIRST + 3}) as movable first`],
    detail: `ZONE_NORMAL of node 1 ends at pfn ${(FIRST + 4) * BLOCK}, the block at ${(FIRST + 2) * BLOCK}`,
  });
  expect(state(FIRST + 1)).toBe("offline\n");
});

test.for(kernels41)(
  "%s not_adjacent: only the lowest block of ZONE_MOVABLE goes online as kernel (facts §3.1 step 3)",
  async (kernel) => {
    const { online, write } = await lab(kernel);
    await online("online_movable", FIRST + 2, FIRST + 3);
    await online("offline", FIRST + 2, FIRST + 3);
    expect(refusalOf(await write(FIRST + 3, "online_kernel"))).toMatchObject({
      errno: "EINVAL",
      code: "not_adjacent",
      rule: "facts §3.1 step 3: only the lowest block of ZONE_MOVABLE can become Normal",
      block: FIRST + 3,
      zone: "Movable",
      retry: "maybe",
      remedy: [`online the block at the start of ZONE_MOVABLE (block ${FIRST + 2}) as kernel first`],
    });
    expect(await write(FIRST + 2, "online_kernel")).toMatchObject({ ret: 13, errno: 0 });
  },
);

test.for(kernels6)("%s has no rule of adjacency (facts §3.4)", async (kernel) => {
  const { write } = await lab(kernel);
  expect(await write(FIRST + 1, "online_movable")).toMatchObject({ ret: 14, errno: 0 });
});

test("4.1-nomn last_normal_memory: a node without Normal memory gets none that is Movable (facts §3.1 step 2)", async () => {
  const nodes = [
    { nodeid: 0, mem: "2G", cpus: "0-1" },
    { nodeid: 1, mem: 0 },
  ];
  const { write } = await lab("4.1-nomn", { nodes });
  expect(refusalOf(await write(FIRST + 3, "online_movable"))).toEqual({
    errno: "EINVAL",
    code: "last_normal_memory",
    rule: "facts §3.1 step 2: without MOVABLE_NODE a node needs Normal memory before Movable memory",
    block: FIRST + 3,
    node: 1,
    zone: "Normal",
    retry: "no",
    remedy: ["online a block of this node with online_kernel first", "use a kernel built with MOVABLE_NODE"],
  });
  expect(await write(FIRST, "online_kernel")).toMatchObject({ ret: 13 });
  expect(await write(FIRST + 3, "online_movable")).toMatchObject({ ret: 14 });
});

test.for(kernels)("%s notifier_veto: the errno that is injected is what write returns", async (kernel) => {
  const { machine, write, state, heard } = await lab(kernel);
  machine.loadErrorInjection(0);
  await machine.write("/sys/kernel/debug/notifier-error-inject/memory/actions/MEM_GOING_ONLINE/error", "-12");
  heard();
  expect(refusalOf(await write(FIRST, "online"))).toMatchObject({
    errno: "ENOMEM",
    code: "notifier_veto",
    block: FIRST,
    retry: "maybe",
  });
  expect(heard().slice(-3)).toContain("MEM_CANCEL_ONLINE");
  expect(state(FIRST)).toBe("offline\n");
});

test("6.12 poisoned: a block with a poisoned page stays offline until its memory is removed (facts §3.2 step 1)", async () => {
  const { machine, online, write } = await lab("6.12");
  await online("online_movable", FIRST);
  expect(await machine.write("/sys/devices/system/memory/hard_offline_page", "0x100005000")).toMatchObject({
    errno: 0,
  });
  await online("offline", FIRST);
  expect(refusalOf(await write(FIRST, "online_movable"))).toEqual({
    errno: "EHWPOISON",
    code: "poisoned",
    rule: "facts §3.2 step 1: the block has poisoned pages",
    block: FIRST,
    node: 1,
    retry: "no",
    remedy: ["remove the DIMM and insert a sound one"],
  });
  await dimmsOf(machine).eject("d0");
  await dimmsOf(machine).insert({ id: "d1", memdev: "m1", sizeBytes: 2 ** 29, node: 1 });
  expect(await write(FIRST, "online_movable")).toMatchObject({ errno: 0 });
});

test.for(["4.1", "6.1"])("%s onlines a block with a poisoned page (facts §4.5; observed-6 §9)", async (kernel) => {
  const { machine, online, write } = await lab(kernel);
  await online("online_movable", FIRST + 3);
  expect(await machine.write("/sys/devices/system/memory/hard_offline_page", "0x118005000")).toMatchObject({
    errno: 0,
  });
  await online("offline", FIRST + 3);
  expect(await write(FIRST + 3, "online_movable")).toMatchObject({ errno: 0 });
});

test.for(kernels)("%s bad_word: a state is one of four words", async (kernel) => {
  const { write } = await lab(kernel);
  for (const word of ["", "onlin", "online_", "ONLINE", "going-offline", "online offline"]) {
    const answer = await write(FIRST, word);
    expect([word, answer.errno, answer.refusal?.code]).toEqual(
      word === "" ? ["", 0, undefined] : [word, "EINVAL", "bad_word"],
    );
  }
});

test.for(kernels6)("%s already_in_state: an online block is no candidate for online", async (kernel) => {
  const { online, write } = await lab(kernel);
  await online("online", FIRST);
  for (const [word, block, state] of [
    ["online_movable", FIRST, "online"],
    ["offline", FIRST + 1, "offline"],
  ] as const) {
    expect(refusalOf(await write(block, word))).toMatchObject({
      errno: "EINVAL",
      code: "already_in_state",
      block,
      retry: "no",
      remedy: [`write to the file \`online\`, which takes what a block has already (here ${state})`],
    });
  }
});

test.for(kernels41)("%s returns 1 for a state that the block has already (facts §2.8)", async (kernel) => {
  const { online, write } = await lab(kernel);
  await online("online", FIRST);
  expect(await write(FIRST, "online_movable")).toMatchObject({ ret: 1, errno: 0 });
  expect(await write(FIRST + 1, "offline")).toMatchObject({ ret: 1, errno: 0 });
});
