import { describe, expect, test } from "vitest";
import { createActor, fromPromise, type ActorRefFrom, waitFor } from "xstate";
import type { OpenView } from "../src/host/views.ts";
import {
  type Booted,
  type BootRequest,
  type OpenRequest,
  pageMachine,
  type StepRequest,
} from "../src/page/page-machine.ts";
import { type Answer, answer } from "../src/session/answer.ts";
import { defaultForm } from "../src/session/boot-form.ts";
import { asked, type Asked, type GoTo } from "../src/session/asked.ts";
import type { RemoteSession } from "../src/remote/remote-session.ts";

interface FakeSession {
  readonly name: string;
  closed: boolean;
  stopped: boolean;
}

const openAt = (step: number): OpenView => ({ ...opened, step });
const opened: OpenView = {
  name: "x",
  kernel: "6.12",
  step: 0,
  steps: [],
  summary: "",
  differs: false,
  answer: undefined,
  besides: "",
};

/** The page with a machine that is only a name. `fails` names the actors that reject. */
function start(fails: Set<string> = new Set()): { page: ActorRefFrom<typeof pageMachine>; sessions: FakeSession[] } {
  const sessions: FakeSession[] = [];
  const session = (name: string): RemoteSession => {
    const fake = {
      name,
      closed: false,
      stopped: false,
      close: () => void (fake.closed = true),
      host: { stop: () => void (fake.stopped = true) },
    };
    sessions.push(fake);
    return fake as unknown as RemoteSession;
  };
  const maybe = async (actor: string): Promise<void> => {
    if (fails.has(actor)) throw new Error(`${actor} went wrong`);
  };
  const machine = pageMachine.provide({
    actors: {
      boot: fromPromise<Booted, BootRequest>(
        async ({ input }) => (
          await maybe("boot"),
          { session: session(`kernel ${input.form.kernel}`), open: undefined }
        ),
      ),
      open: fromPromise<Booted, OpenRequest>(
        async ({ input }) => (await maybe("open"), { session: session(input.source), open: openAt(0), kernel: "6.12" }),
      ),
      step: fromPromise<Booted, StepRequest>(
        async ({ input }) => (await maybe("step"), { session: input.session, open: openAt(input.to) }),
      ),
      run: fromPromise<Answer, { session: RemoteSession; command: Asked | GoTo }>(
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

const eject = (id: string): Asked => asked({ op: "dimm_del", id });

describe("the page", () => {
  test("boots a machine by itself", async () => {
    const { page, sessions } = start();
    expect((await settled(page)).value).toBe("ready");
    expect(sessions.map(({ name }) => name)).toEqual(["kernel "]);
  });

  test("closes the machine before when another is there", async () => {
    const { page, sessions } = start();
    await settled(page);
    page.send({ type: "BOOT", form: { ...defaultForm, kernel: "6.12" } });
    await settled(page);
    expect(sessions).toMatchObject([
      { name: "kernel ", closed: true },
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

  test("steps through a document on the same machine, and shows its kernel in the form", async () => {
    const { page, sessions } = start();
    await settled(page);
    page.send({ type: "BOOT", form: { ...defaultForm, kernel: "4.1", config: { MOVABLE_NODE: false } } });
    await settled(page);
    page.send({ type: "OPEN", source: "trace.json", text });
    await settled(page);
    page.send({ type: "STEP", to: 3 });
    const { context } = await settled(page);
    expect(context.open?.step).toBe(3);
    // Switches of the kernel before are none of this one: nobody could take them out of the form.
    expect(context.form).toEqual({ ...defaultForm, kernel: "6.12" });
    expect(sessions.map(({ name, closed }) => [name, closed])).toEqual([
      ["kernel ", true],
      ["kernel 4.1", true],
      ["trace.json", false],
    ]);
  });

  test("asks before a step drops what was done by hand", async () => {
    const { page } = start();
    await settled(page);
    page.send({ type: "OPEN", source: "trace.json", text });
    await settled(page);
    page.send({ type: "RUN", command: eject("d0") });
    await settled(page);
    page.send({ type: "STEP", to: 1 });
    expect(page.getSnapshot()).toMatchObject({ value: "ready", context: { asksFor: 1, byHand: 1, open: { step: 0 } } });
    page.send({ type: "STAY" });
    expect(page.getSnapshot().context.asksFor).toBeUndefined();
    page.send({ type: "STEP", to: 2 });
    page.send({ type: "STEP_ANYWAY" });
    expect((await settled(page)).context).toMatchObject({ asksFor: undefined, byHand: 0, open: { step: 2 } });
  });

  test("carries out what was given while something else was under way, one after another", async () => {
    const { page } = start();
    await settled(page);
    for (const id of ["d0", "d1", "d2"]) page.send({ type: "RUN", command: eject(id) });
    expect(page.getSnapshot().context.waiting).toHaveLength(3);
    await waitFor(page, ({ value, context }) => value === "ready" && context.byHand === 3, { timeout: 1000 });
  });

  test("tells of a command that finds too many waiting, until the person could see it", async () => {
    const { page } = start();
    await settled(page);
    for (let i = 0; i < 18; i++) page.send({ type: "RUN", command: eject(`d${i}`) });
    expect(page.getSnapshot().context).toMatchObject({
      answer: { tone: "error", command: "2 more", text: expect.stringContaining("16 waited") },
    });
    const drained = await waitFor(page, ({ value, context }) => value === "ready" && context.byHand === 16);
    expect(drained.context.answer).toMatchObject({ text: "done", ended: [{ tone: "error", command: "2 more" }] });
    page.send({ type: "RUN", command: eject("d0") });
    expect((await settled(page)).context.answer?.ended).toBeUndefined();
  });

  test("tells of commands that found no machine, or whose machine went", async () => {
    const fails = new Set<string>();
    const { page } = start(fails);
    page.send({ type: "RUN", command: eject("early") });
    expect((await settled(page)).context.answer).toMatchObject({ tone: "error", command: "1 more" });
    for (const id of ["d0", "d1"]) page.send({ type: "RUN", command: eject(id) });
    page.send({ type: "BOOT", form: defaultForm });
    expect((await settled(page)).context.answer).toMatchObject({ tone: "error", command: "2 more" });
    fails.add("run");
    for (const id of ["d0", "d1"]) page.send({ type: "RUN", command: eject(id) });
    expect((await settled(page)).context).toMatchObject({
      answer: { text: "run went wrong", ended: [{ command: "1 more" }] },
      lost: 0,
    });
  });

  test("cancels: a command is stopped, a boot leaves the machine before", async () => {
    const { page, sessions } = start();
    await settled(page);
    page.send({ type: "RUN", command: eject("d0") });
    page.send({ type: "CANCEL" });
    expect(sessions[0]?.stopped).toBe(true);
    await settled(page);
    page.send({ type: "BOOT", form: defaultForm });
    page.send({ type: "CANCEL" });
    expect(page.getSnapshot()).toMatchObject({ value: "ready", context: { answer: { text: "Cancelled." } } });
    expect(sessions[0]?.closed).toBe(false);
  });

  test("has failed when the machine's worker is lost, whatever it was at", async () => {
    const { page } = start();
    const session = (await settled(page)).context.session as RemoteSession;
    page.send({ type: "RUN", command: eject("d0") });
    page.send({ type: "LOST", session, error: new Error("it ended") });
    expect(page.getSnapshot()).toMatchObject({
      value: "failed",
      context: { answer: { text: "it ended" }, waiting: [] },
    });
    page.send({ type: "BOOT", form: defaultForm });
    expect((await settled(page)).value).toBe("ready");
  });

  test("remembers the answer to a command, and forgets it with the machine", async () => {
    const { page } = start();
    await settled(page);
    page.send({ type: "RUN", command: eject("d0") });
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
    page.send({ type: "RUN", command: eject("d0") });
    expect((await settled(page)).value).toBe("failed");
    expect(page.getSnapshot().context.answer?.text).toBe("run went wrong");
  });
});
