import { dimmsOf } from "@memhp/devices";
import type { StepRequest } from "@memhp/scenario";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Answer } from "../src/session/answer.ts";
import { onlineCount } from "../src/session/online-count.ts";
import { perform } from "../src/session/perform.ts";
import type { Session } from "../src/session/session.ts";
import { bootTwoNodes, eventsOf } from "./machines.ts";

async function boot(kernel = "4.1", cmdline = ""): Promise<Session> {
  const session = await bootTwoNodes(kernel, { cmdline });
  onTestFinished(() => session.close());
  return session;
}

async function act(session: Session, ...steps: StepRequest[]): Promise<Answer> {
  return (await perform(session, { steps })).answer;
}

describe("a step", () => {
  test("is told in the words of its operation, and is what was done", async () => {
    const session = await boot();
    const step = { op: "block", n: 63, v: "online_movable" };
    const answer = await act(session, step);
    expect(answer).toMatchObject({ tone: "done", command: "echo online_movable > memory63/state", text: "→ ok" });
    expect(session.did).toEqual([step]);
    expect(eventsOf(session.log).at(-1)).toMatchObject({ type: "file_write", data: "online_movable", errno: 0 });
  });

  test("that is refused says why, once", async () => {
    const session = await boot();
    const answer = await act(session, { op: "block", n: 59, v: "online_movable" });
    expect(answer).toMatchObject({ tone: "refused", text: "→ EINVAL (Invalid argument)" });
    expect(answer.refusals).toHaveLength(1);
    expect(answer.refusals[0]?.refusal).toMatchObject({ code: "not_adjacent", block: 59 });
  });

  test("for many blocks puts refusals for one reason together", async () => {
    const session = await boot();
    await act(session, { op: "online", blocks: "56-59", type: "kernel" });
    await act(session, { op: "kernel_pages", blocks: "57-58" });
    const some = await act(session, { op: "offline", blocks: "56-59" });
    expect(some).toMatchObject({ tone: "partly", text: "→ 2 of 4 offlined, 2 refused" });
    expect(some.refusals).toMatchObject([
      { count: 2, blocks: "57-58", refusal: { errno: "EBUSY", code: "unmovable_page" } },
    ]);
  });

  test("of a machine's board is refused by the board, or by the kernel", async () => {
    const session = await boot();
    const taken = await act(session, { op: "dimm_add", id: "d0", size: "1G", addr: "0x100000000" });
    expect(taken).toMatchObject({ tone: "refused", text: expect.stringContaining("refused by the machine") as string });
    const odd = await act(session, { op: "dimm_add", id: "d0", size: "192M" });
    expect(odd).toMatchObject({ tone: "refused", refusals: [{ refusal: { code: "unaligned" } }] });
    await act(session, { op: "block", n: 48, v: "online_kernel" }, { op: "kernel_pages", blocks: "48" });
    expect(await act(session, { op: "dimm_del", id: "n0d0" })).toMatchObject({
      tone: "refused",
      text: "→ not given back",
      refusals: [{ refusal: { code: "unmovable_page" } }],
    });
    expect(dimmsOf(session.machine).get("n0d0")).toBeDefined();
  });

  test.each<[StepRequest, string | undefined, RegExp]>([
    [{ op: "dimm_add", id: "d0", size: "big" }, "size", /^size: expected a size such as 128M, found "big"/],
    [{ op: "dimm_add", id: "d0", size: "0" }, "size", /a size of 0/],
    [{ op: "dimm_add", id: "d0", size: "1G", addr: "up" }, "addr", /whole number, or a reference/],
    [{ op: "load", id: "db", kind: "anon", size: "1M", node: 7 }, "node", /node 7 does not exist/],
    [{ op: "unload", id: "db" }, "id", /no load "db" runs/],
    [
      { op: "agent", id: "a", poll_ms: 1, retry: { times: "x", after_ms: 1 } },
      "retry.times",
      /retry\.times: expected a whole number/,
    ],
    [{ op: "online", blocks: "nowhere" }, "blocks", /^blocks: unknown word "nowhere"/],
    [{ op: "block", n: "${d7.first}", v: "online" }, undefined, /no DIMM "d7"/],
  ])("%j names the operand that is wrong, and nothing was done", async (step, operand, text) => {
    const session = await boot();
    const answer = await act(session, step);
    expect(answer).toMatchObject({ tone: "error", text: expect.stringMatching(text) as string });
    expect(answer.problem?.operand).toBe(operand);
    expect([session.did, session.machine.nowNs]).toEqual([[], (await boot()).machine.nowNs]);
  });
});

describe("several steps", () => {
  const offline = (...blocks: number[]): StepRequest[] => blocks.map((n) => ({ op: "block", n, v: "offline" }));

  test("end at the first that does not go, where that is asked for", async () => {
    const session = await boot("6.12", "memhp_default_state=offline");
    await act(session, { op: "online", blocks: "56-63", type: "movable" }, { op: "kernel_pages", blocks: "57" });
    const { answer, steps } = await perform(session, { steps: offline(56, 57, 58), untilRefused: true });
    expect(answer).toMatchObject({
      tone: "partly",
      text: expect.stringMatching(/^1 of 3 steps .*memory57.*EINTR/) as string,
    });
    expect(steps).toEqual(offline(56, 57));
  });

  test("that are pieces of one are told as one", async () => {
    const session = await boot();
    const steps = [
      { op: "online", blocks: "56-57", type: "kernel" },
      { op: "online", blocks: "58-60", type: "kernel" },
    ];
    const { answer } = await perform(session, { steps, whole: { op: "online", blocks: "56-60", type: "kernel" } });
    expect(answer).toMatchObject({ command: "online blocks 56-60 (kernel)", text: "→ 5 of 5 onlined" });
    expect(onlineCount(session.columns())).toBe(37);
  });
});

describe("what goes on in the background", () => {
  async function stuck(): Promise<Session> {
    const session = await boot("6.12", "memhp_default_state=offline");
    await act(session, { op: "online", blocks: "56-63", type: "movable" });
    await act(session, { op: "load", id: "nic", kind: "pinned", size: "900M", node: 1, policy: "bind" });
    return session;
  }
  const offline = { op: "block", n: 57, v: "offline", background: "memory57" };

  test("has a name of its own", async () => {
    const session = await stuck();
    expect((await act(session, offline)).tone).toBe("done");
    expect(await act(session, offline)).toMatchObject({
      tone: "error",
      text: 'background: "memory57" is still running',
    });
    expect(session.going).toEqual(["memory57"]);
  });

  test("is told of with what was done when it ended, blocks one by one or many", async () => {
    const session = await stuck();
    await act(session, offline);
    const ended = await act(session, { op: "signal", to: "memory57" });
    expect(ended.ended).toMatchObject([
      { tone: "refused", command: "memory57", text: "has ended: EINTR (Interrupted system call)." },
    ]);
    await act(session, { op: "unpin", id: "nic" });
    await act(session, { op: "offline", blocks: "57,59", background: "two" });
    const waited = await act(session, { op: "wait", s: 10 });
    expect(waited.ended ?? (await act(session, { op: "wait", s: 1 })).ended).toMatchObject([
      { command: "two", text: "has ended: 2 of 2 offlined." },
    ]);
  });
});

test("a session tells its readers, and gives its blocks as they are then", async () => {
  const session = await boot();
  let heard = 0;
  session.subscribe(() => heard++);
  const before = session.columns();
  await act(session, { op: "block", n: 63, v: "online" });
  expect(heard).toBeGreaterThan(0);
  expect(onlineCount(session.columns())).toBe(onlineCount(before) + 1);
  expect(session.columns()).toBe(session.columns());
});
