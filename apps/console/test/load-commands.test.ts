import { describe, expect, onTestFinished, test } from "vitest";
import { carryOut } from "../src/session/commands.ts";
import type { LoadForm } from "../src/session/load-form.ts";
import type { Session } from "../src/session/session.ts";
import { bootTwoNodes, eventsOf } from "./machines.ts";

const form: LoadForm = {
  id: "db",
  kind: "anon",
  size: "64M",
  where: "1",
  policy: "bind",
  pin: "short",
  churn: 0,
};

/** 6.12, with the DIMM of node 1 online as Movable. */
async function boot(): Promise<Session> {
  const session = await bootTwoNodes("6.12", { cmdline: "memhp_default_state=offline" });
  onTestFinished(() => session.close());
  await carryOut(session, { do: "write", blocks: [56, 57, 58, 59, 60, 61, 62, 63], word: "online_movable" });
  return session;
}

describe("loads", () => {
  test("on all nodes by turns have half of their pages on each of two", async () => {
    const session = await boot();
    const answer = await carryOut(session, { do: "load", form: { ...form, where: "all" } });
    expect(answer).toMatchObject({ tone: "done", text: "db has 32M on node 0, 32M on node 1." });
  });

  test("that find no room have nothing, and the stream says why once", async () => {
    const session = await boot();
    const answer = await carryOut(session, { do: "load", form: { ...form, size: "64G" } });
    expect(answer.refusals[0]?.refusal).toMatchObject({ errno: "ENOMEM", code: "no_target_memory" });
    expect(session.machine.pages.loads.list()).toEqual([]);
    expect(eventsOf(session.log).filter(({ type }) => type === "refusal")).toHaveLength(1);
  });

  test.each([
    ["a size that is none", { size: "much" }],
    ["no size", { size: "0" }],
    ["no name", { id: " " }],
  ])("with %s are answered in words", async (_name, part) => {
    expect((await carryOut(await boot(), { do: "load", form: { ...form, ...part } })).tone).toBe("error");
  });
});

describe("a write in the background", () => {
  test("of a block that is written to already is refused by the page", async () => {
    const session = await boot();
    await carryOut(session, { do: "load", form: { ...form, kind: "pinned", size: "900M" } });
    const offline = { do: "write", blocks: [57], word: "offline", background: true } as const;
    expect((await carryOut(session, offline)).tone).toBe("done");
    expect((await carryOut(session, offline)).text).toBe("Something writes to memory57 already.");
    expect(session.background.names()).toEqual(["memory57"]);
  });

  test("is told of with what was done when it ended", async () => {
    const session = await boot();
    await carryOut(session, { do: "load", form: { ...form, kind: "pinned", size: "900M" } });
    await carryOut(session, { do: "write", blocks: [57], word: "offline", background: true });
    const answer = await carryOut(session, { do: "signal", name: "memory57" });
    expect(answer.ended?.map(({ text }) => text)).toEqual(["Refused: EINTR (Interrupted system call)."]);
    expect((await carryOut(session, { do: "signal", name: "memory57" })).tone).toBe("error");
  });
});

test("a plan that is carried out ends at the first block that does not go", async () => {
  const session = await boot();
  await carryOut(session, { do: "kernel_pages", blocks: [57], present: true });
  const answer = await carryOut(session, { do: "free", blocks: [56, 57, 58] });
  expect(answer).toMatchObject({ tone: "partly", text: "1 of 3 blocks are offline now; memory57 did not go." });
});
