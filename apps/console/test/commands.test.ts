import { dimmsOf } from "@memhp/devices";
import { describe, expect, onTestFinished, test } from "vitest";
import { carryOut, type Command, commandText } from "../src/session/commands.ts";
import { onlineCount } from "../src/session/online-count.ts";
import type { Session } from "../src/session/session.ts";
import { bootTwoNodes, eventsOf } from "./machines.ts";

async function boot(kernel = "4.1"): Promise<Session> {
  const session = await bootTwoNodes(kernel);
  onTestFinished(() => session.close());
  return session;
}

function state(session: Session, block: number): string {
  const read = session.machine.files.read(`/sys/devices/system/memory/memory${block}/state`);
  return read.ok ? read.value.trim() : "gone";
}

describe("a write to one block", () => {
  test("onlines it through the file, and the event stream has the write", async () => {
    const session = await boot();
    const answer = await carryOut(session, { do: "write", blocks: [63], word: "online_movable" });
    expect(answer).toMatchObject({
      tone: "done",
      command: "echo online_movable > /sys/devices/system/memory/memory63/state",
    });
    expect(state(session, 63)).toBe("online");
    expect(eventsOf(session.log).at(-1)).toMatchObject({
      type: "file_write",
      data: "online_movable\n",
      ret: 15,
      errno: 0,
    });
  });

  test("is refused in the middle of ZONE_NORMAL on 4.1, with the reason", async () => {
    const session = await boot();
    const answer = await carryOut(session, { do: "write", blocks: [59], word: "online_movable" });
    expect(answer.tone).toBe("refused");
    expect(answer.text).toContain("EINVAL (Invalid argument)");
    expect(answer.refusals[0]?.refusal).toMatchObject({ code: "not_adjacent", block: 59 });
    expect(answer.refusals[0]?.refusal.remedy.length).toBeGreaterThan(0);
    expect(eventsOf(session.log).filter((event) => event.type === "refusal")).toHaveLength(1);
  });

  test("that changes nothing is refused by 6.12's file itself, and the stream says so", async () => {
    const session = await boot("6.12");
    const answer = await carryOut(session, { do: "write", blocks: [3], word: "online" });
    expect(answer.refusals[0]?.refusal.code).toBe("already_in_state");
    expect(eventsOf(session.log).filter((event) => event.type === "refusal")).toHaveLength(1);
  });
});

describe("a write to many blocks", () => {
  test("counts what changed and puts refusals together", async () => {
    const session = await boot();
    const all = await carryOut(session, { do: "write", blocks: [56, 57, 58, 59], word: "online_kernel" });
    expect(all).toMatchObject({ tone: "done", text: "4 of 4 blocks are online now." });
    await carryOut(session, { do: "kernel_pages", blocks: [57, 58], present: true });
    const again = await carryOut(session, { do: "write", blocks: [56, 57], word: "online_kernel" });
    expect(again).toMatchObject({ tone: "done", text: "Nothing changed: 2 of 2 blocks were online already." });
    const mixed = await carryOut(session, { do: "write", blocks: [59, 60], word: "online_kernel" });
    expect(mixed.text).toBe("2 of 2 blocks are online now (1 were already).");
    const some = await carryOut(session, { do: "write", blocks: [56, 57, 58, 59], word: "offline" });
    expect(some).toMatchObject({ tone: "partly", text: "2 of 4 blocks are offline now; 2 refused." });
    expect(some.refusals).toMatchObject([
      { count: 2, blocks: "57-58", refusal: { errno: "EBUSY", code: "unmovable_page" } },
    ]);
  });

  test("needs a block", async () => {
    expect((await carryOut(await boot(), { do: "write", blocks: [], word: "online" })).tone).toBe("error");
  });
});

describe("DIMMs", () => {
  test("are inserted, and ejected again", async () => {
    const session = await boot();
    const inserted = await carryOut(session, { do: "insert", id: "d0", node: 1, size: "512M", addr: "" });
    expect(inserted).toMatchObject({ tone: "done" });
    expect(inserted.text).toContain("blocks 64-67");
    expect(session.columns().segments.at(-1)).toMatchObject({ node: 1, label: "d0", isDimm: true });
    const ejected = await carryOut(session, { do: "eject", id: "d0" });
    expect(ejected).toMatchObject({ tone: "done", text: "d0 is out of the machine." });
    expect(session.columns().indexOf(64)).toBe(-1);
  });

  test("stay where a block cannot go offline", async () => {
    const session = await boot();
    await carryOut(session, { do: "write", blocks: [48], word: "online_kernel" });
    await carryOut(session, { do: "kernel_pages", blocks: [48], present: true });
    const answer = await carryOut(session, { do: "eject", id: "n0d0" });
    expect(answer.tone).toBe("refused");
    expect(answer.refusals[0]?.refusal.code).toBe("unmovable_page");
    expect(dimmsOf(session.machine).get("n0d0")).toBeDefined();
  });

  test.each<[string, Partial<Command>, string]>([
    ["an address that is none", { addr: "up there" }, "error"],
    ["a size that is none", { size: "big" }, "error"],
    ["no size", { size: "0" }, "error"],
    ["an address in use", { addr: "0x100000000" }, "refused"],
  ])("with %s are answered in words", async (_name, part, tone) => {
    const command = { do: "insert", id: "d0", node: 0, size: "1G", addr: "", ...part } as Command;
    const answer = await carryOut(await boot(), command);
    expect(answer.tone).toBe(tone);
    expect(answer.text.length).toBeGreaterThan(10);
  });

  test("whose end does not lie on a section are refused by the kernel, with the reason", async () => {
    const answer = await carryOut(await boot(), { do: "insert", id: "d0", node: 0, size: "192M", addr: "" });
    expect(answer.tone).toBe("refused");
    expect(answer.refusals[0]?.refusal.code).toBe("unaligned");
  });
});

describe("error injection", () => {
  test("makes onlines fail until it is taken back", async () => {
    const session = await boot("6.12");
    expect((await carryOut(session, { do: "inject", action: "MEM_GOING_ONLINE", errno: "ENOMEM" })).text).toContain(
      "ENOMEM (Cannot allocate memory)",
    );
    const refused = await carryOut(session, { do: "write", blocks: [56], word: "online" });
    expect(refused.refusals[0]?.refusal).toMatchObject({ errno: "ENOMEM", code: "notifier_veto" });
    await carryOut(session, { do: "inject", action: "MEM_GOING_ONLINE", errno: "none" });
    expect((await carryOut(session, { do: "write", blocks: [56], word: "online" })).tone).toBe("done");
  });
});

test("a session tells its readers, and gives its blocks as they are then", async () => {
  const session = await boot();
  let heard = 0;
  session.subscribe(() => heard++);
  const before = session.columns();
  await carryOut(session, { do: "write", blocks: [63], word: "online" });
  expect(heard).toBeGreaterThan(0);
  expect(onlineCount(session.columns())).toBe(onlineCount(before) + 1);
  expect(session.columns()).toBe(session.columns());
});

test("commands read as a person would type them", () => {
  expect(commandText({ do: "write", blocks: [32, 33, 35], word: "offline" })).toBe("offline: blocks 32-33,35");
  expect(commandText({ do: "insert", id: "d0", node: 1, size: "1G", addr: "0x140000000" })).toBe(
    "device_add pc-dimm,id=d0,node=1,size=1G,addr=0x140000000",
  );
  expect(commandText({ do: "eject", id: "d0" })).toBe("device_del d0");
});
