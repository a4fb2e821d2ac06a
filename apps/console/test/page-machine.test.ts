import { describe, expect, test } from "vitest";
import { createActor, fromPromise, type ActorRefFrom, waitFor } from "xstate";
import { type Booted, type OpenReplay, type OpenRequest, pageMachine } from "../src/page/page-machine.ts";
import { type Answer, answer } from "../src/session/answer.ts";
import { type BootForm, defaultForm } from "../src/session/boot-form.ts";
import type { Command } from "../src/session/commands.ts";
import type { Session } from "../src/session/session.ts";

interface FakeSession {
  readonly name: string;
  closed: boolean;
}

/** The page with a machine that is only a name. `fails` names the actors that reject. */
function start(fails: Set<string> = new Set()): { page: ActorRefFrom<typeof pageMachine>; sessions: FakeSession[] } {
  const sessions: FakeSession[] = [];
  const session = (name: string): Session => {
    const fake = { name, closed: false, close: () => ((fake.closed = true), Promise.resolve()) };
    sessions.push(fake);
    return fake as unknown as Session;
  };
  const maybe = async (actor: string): Promise<void> => {
    if (fails.has(actor)) throw new Error(`${actor} went wrong`);
  };
  const machine = pageMachine.provide({
    actors: {
      boot: fromPromise<Booted, BootForm>(
        async ({ input }) => (await maybe("boot"), { session: session(`kernel ${input.kernel}`), open: undefined }),
      ),
      open: fromPromise<Booted, OpenRequest>(
        async ({ input }) => (
          await maybe("open"),
          { session: session(input.source), open: { replay: {}, step: 0 } as OpenReplay }
        ),
      ),
      step: fromPromise<Booted, { open: OpenReplay; to: number; workers: number }>(
        async ({ input }) => (
          await maybe("step"),
          { session: session(`step ${input.to}`), open: { ...input.open, step: input.to } }
        ),
      ),
      run: fromPromise<Answer, { session: Session; command: Command }>(
        async () => (await maybe("run"), answer("done", "x", "done")),
      ),
    },
  });
  const page = createActor(machine, { input: { form: defaultForm } });
  page.start();
  return { page, sessions };
}

const settled = (page: ActorRefFrom<typeof pageMachine>) =>
  waitFor(page, (snapshot) => !snapshot.hasTag("busy"), { timeout: 1000 });
const text = async (): Promise<string> => "";

describe("the page", () => {
  test("boots a machine by itself", async () => {
    const { page, sessions } = start();
    expect((await settled(page)).value).toBe("ready");
    expect(sessions.map(({ name }) => name)).toEqual(["kernel 4.1"]);
  });

  test("closes the machine before when another is there", async () => {
    const { page, sessions } = start();
    await settled(page);
    page.send({ type: "BOOT", form: { ...defaultForm, kernel: "6.12" } });
    await settled(page);
    expect(sessions).toMatchObject([
      { name: "kernel 4.1", closed: true },
      { name: "kernel 6.12", closed: false },
    ]);
    expect(page.getSnapshot().context.form.kernel).toBe("6.12");
  });

  test("keeps its machine when a form or file is wrong, and says why", async () => {
    const fails = new Set<string>();
    const { page, sessions } = start(fails);
    await settled(page);
    fails.add("boot").add("open");
    page.send({ type: "BOOT", form: { ...defaultForm, memory: "lots" } });
    expect((await settled(page)).value).toBe("ready");
    expect(page.getSnapshot().context.answer).toMatchObject({ tone: "error", text: "boot went wrong" });
    page.send({ type: "OPEN", source: "x.yaml", text });
    await settled(page);
    expect(page.getSnapshot().context.answer?.text).toBe("open went wrong");
    expect(sessions).toMatchObject([{ closed: false }]);
  });

  test("has failed where there is no machine at all, and can still boot one", async () => {
    const fails = new Set(["boot"]);
    const { page } = start(fails);
    expect((await settled(page)).value).toBe("failed");
    fails.clear();
    page.send({ type: "BOOT", form: defaultForm });
    expect((await settled(page)).value).toBe("ready");
  });

  test("steps through a document, each time with a machine of its own", async () => {
    const { page, sessions } = start();
    await settled(page);
    page.send({ type: "OPEN", source: "trace.json", text });
    await settled(page);
    page.send({ type: "STEP", to: 3 });
    const { context } = await settled(page);
    expect(context.open?.step).toBe(3);
    expect(sessions.map(({ name, closed }) => [name, closed])).toEqual([
      ["kernel 4.1", true],
      ["trace.json", true],
      ["step 3", false],
    ]);
  });

  test("remembers the answer to a command, and forgets it with the machine", async () => {
    const { page } = start();
    await settled(page);
    page.send({ type: "RUN", command: { do: "eject", id: "d0" } });
    expect(page.getSnapshot().value).toBe("running");
    expect((await settled(page)).context.answer?.tone).toBe("done");
    page.send({ type: "BOOT", form: defaultForm });
    expect((await settled(page)).context.answer).toBeUndefined();
  });

  test("fails when the machine breaks under a command", async () => {
    const fails = new Set<string>();
    const { page } = start(fails);
    await settled(page);
    fails.add("run");
    page.send({ type: "RUN", command: { do: "eject", id: "d0" } });
    expect((await settled(page)).value).toBe("failed");
    expect(page.getSnapshot().context.answer?.text).toBe("run went wrong");
  });
});
