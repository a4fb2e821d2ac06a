import type { Refusal } from "@memhp/abi";
import { describe, expect, test } from "vitest";
import { FIRST, kernels, lab, type Lab, MIB, refusalOf, SECOND } from "./lab.ts";

/** Refusals that the stream has told, each with whom it names. */
function told({ events }: Lab): { readonly by: string | undefined; readonly refusal: Refusal }[] {
  return events.flatMap((event) => (event.type === "refusal" ? [{ by: event.by, refusal: event.refusal }] : []));
}

describe("writers who are refused at once", () => {
  test.for(kernels)("%s: each gets their own refusal, and the stream tells each once", async (kernel) => {
    const opened = await lab(kernel);
    const { machine, write } = opened;
    await opened.online("online_kernel", FIRST + 3);
    await machine.markUnmovable([FIRST + 3], true);
    opened.events.length = 0;
    machine.holdTime();
    const signal = new AbortController();
    const busy = write(FIRST + 3, "offline", { name: "busy" });
    const killed = write(FIRST + 2, "online", { name: "killed", signal: signal.signal });
    const wrong = write(FIRST + 1, "on", { name: "wrong" });
    await machine.wait(0);
    signal.abort();
    expect(await machine.passUntil(busy, SECOND)).toBe(true);
    const answers = [await wrong, await killed, await busy];
    expect(answers.map(({ errno }) => errno)).toEqual(["EINVAL", "EINTR", "EBUSY"]);
    expect(answers.map((answer) => refusalOf(answer).block)).toEqual([undefined, FIRST + 2, FIRST + 3]);
    expect(told(opened)).toEqual([
      { by: "wrong", refusal: refusalOf(answers[0] ?? {}) },
      { by: "killed", refusal: refusalOf(answers[1] ?? {}) },
      { by: "busy", refusal: refusalOf(answers[2] ?? {}) },
    ]);
  });

  test.for(kernels)("%s: a signal is for one of them; who holds the lock goes on", async (kernel) => {
    const opened = await lab(kernel);
    const { machine, write, state } = opened;
    machine.holdTime();
    const first = write(FIRST + 3, "online", { name: "first" });
    const signal = new AbortController();
    const second = write(FIRST + 2, "online", { name: "second", signal: signal.signal });
    await machine.wait(0);
    signal.abort();
    expect(await machine.passUntil(first, SECOND)).toBe(true);
    expect(await first).toMatchObject({ ret: 6, errno: 0 });
    expect(await second).toMatchObject({ ret: -1, errno: "EINTR" });
    expect([state(FIRST + 3), state(FIRST + 2)]).toEqual(["online\n", "offline\n"]);
  });

  test("a signal that comes before the write does nothing but refuse it", async () => {
    const opened = await lab("6.1");
    const answer = await opened.write(FIRST, "online", { name: "gone", signal: AbortSignal.abort() });
    expect(answer).toMatchObject({ errno: "EINTR", refusal: { code: "signal" } });
    expect(opened.state(FIRST)).toBe("offline\n");
  });
});

describe("a bulk change whose caller is killed", () => {
  test.for(["6.1", "6.12"])("%s: ends at the block under way; the others are not begun, and told", async (kernel) => {
    const opened = await lab(kernel);
    const { machine } = opened;
    const blocks = [FIRST + 1, FIRST + 2, FIRST + 3];
    // Some of its pages lie in the first block.
    await opened.online("online_movable", FIRST + 1);
    await opened.load("db", "anon", MIB);
    await opened.online("online_movable", FIRST + 2, FIRST + 3);
    const holder = (await opened.runsIn(FIRST + 1)).find(({ page }) => page?.owner === "load:db");
    await machine.pages.reference(holder?.startPfn ?? 0, 1);
    opened.events.length = 0;
    machine.holdTime();
    const signal = new AbortController();
    const caller = { name: "agent", signal: signal.signal, signalAtNs: Number.POSITIVE_INFINITY };
    const leaving = machine.bulk("offline", blocks, "online", caller);
    expect(await machine.passUntil(leaving, SECOND)).toBe(false);
    signal.abort();
    expect(await machine.passUntil(leaving, SECOND)).toBe(true);
    const { changed, refused } = await leaving;
    expect(changed).toBe(0);
    expect(refused.map(({ block, errno, code }) => [block, errno, code])).toEqual(
      blocks.map((block) => [block, "EINTR", "signal"]),
    );
    expect(told(opened)).toEqual(refused.map((refusal) => ({ by: "agent", refusal })));
  });
});

describe("a bulk change counts what it changed", () => {
  test("4.1 takes the state that a block has already: it is neither changed nor refused (facts §2.8)", async () => {
    const { machine } = await lab("4.1");
    const blocks = [FIRST, FIRST + 1];
    expect(await machine.bulk("offline", blocks)).toEqual({ requested: 2, changed: 0, refused: [] });
    await machine.bulk("online", [FIRST]);
    expect(await machine.bulk("online", blocks)).toMatchObject({ requested: 2, changed: 1, refused: [] });
    expect(await machine.bulk("offline", blocks)).toEqual({ requested: 2, changed: 2, refused: [] });
  });

  test("6.1 refuses it", async () => {
    const { machine } = await lab("6.1");
    expect(await machine.bulk("offline", [FIRST])).toMatchObject({
      changed: 0,
      refused: [{ errno: "EINVAL", code: "already_in_state" }],
    });
  });
});
