import { assign, fromPromise, setup } from "xstate";
import type { Asked, GoTo } from "../session/asked.ts";
import type { OpenView } from "../host/views.ts";
import type { Contents } from "./file-contents.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { type Answer, errorAnswer } from "../session/answer.ts";
import type { BootForm } from "../session/boot-form.ts";

/** A machine that came up, by the form or by a document. */
export interface Booted {
  readonly session: RemoteSession;
  readonly open: OpenView | undefined;
  /** Of a machine that was kept from an earlier visit. */
  readonly form?: BootForm;
  readonly answer?: Answer;
  /** What it runs, where no form said so. */
  readonly kernel?: string;
}

export interface BootRequest {
  readonly form: BootForm;
  /** The page has just been opened: the machine of an earlier visit comes back. */
  readonly isFirst: boolean;
}

export interface OpenRequest {
  readonly source: string;
  readonly text: () => Promise<Contents>;
  readonly workers: number;
  /** All its steps are taken. */
  readonly toEnd: boolean;
}

export interface StepRequest {
  readonly session: RemoteSession;
  readonly to: number;
  readonly workers: number;
}

interface RunRequest {
  readonly session: RemoteSession;
  readonly command: Asked | GoTo;
}

interface PageContext {
  readonly form: BootForm;
  readonly session: RemoteSession | undefined;
  readonly open: OpenView | undefined;
  readonly answer: Answer | undefined;
  /** Commands that were given while another was under way. */
  readonly waiting: readonly (Asked | GoTo)[];
  /** How many of them were not carried out, until the person was told. */
  readonly lost: number;
  /** How many things were done by hand since the document's last step. */
  readonly byHand: number;
  /** A step that would drop them, until the person says so. */
  readonly asksFor: number | undefined;
}

export type PageEvent =
  | { readonly type: "BOOT"; readonly form: BootForm }
  | {
      readonly type: "OPEN";
      readonly source: string;
      readonly text: () => Promise<Contents>;
      readonly toEnd?: boolean;
    }
  | { readonly type: "STEP"; readonly to: number }
  | { readonly type: "STEP_ANYWAY" }
  | { readonly type: "STAY" }
  | { readonly type: "RUN"; readonly command: Asked | GoTo }
  /** The person does not want to wait any more. */
  | { readonly type: "CANCEL" }
  | { readonly type: "LOST"; readonly session: RemoteSession; readonly error: unknown };

/** Commands that wait; more are not taken. */
const MOST_WAITING = 16;

/** An answer, and beneath it what was lost meanwhile; the next answer would hide it otherwise. */
function besideLost(lost: number, told?: Answer): Answer | undefined {
  if (lost === 0) return told;
  const note = errorAnswer(`${lost} more`, `not taken: ${MOST_WAITING} waited, or no machine was ready`);
  return told === undefined ? note : { ...told, ended: [...(told.ended ?? []), note] };
}

/** What waits is lost with its machine. */
const giveUp = ({ lost, waiting }: PageContext, told?: Answer) => ({
  answer: besideLost(lost + waiting.length, told),
  waiting: [],
  lost: 0,
});

const missing = (): never => {
  throw new Error("memhp bug: the page machine was started without its actors");
};

const chart = setup({
  types: { context: {} as PageContext, events: {} as PageEvent, input: {} as { form: BootForm }, tags: {} as "busy" },
  actors: {
    boot: fromPromise<Booted, BootRequest>(missing),
    open: fromPromise<Booted, OpenRequest>(missing),
    step: fromPromise<Booted, StepRequest>(missing),
    run: fromPromise<Answer, RunRequest>(missing),
  },
  actions: {
    /** The machine before is closed when the new one is there, never earlier. */
    closeSession: ({ context }, { session }: Booted) => {
      if (context.session !== session) context.session?.close();
    },
    takeMachine: assign(({ context }, booted: Booted) => ({
      session: booted.session,
      open: booted.open,
      ...giveUp(context, booted.answer ?? booted.open?.answer),
      byHand: 0,
      asksFor: undefined,
    })),
    rememberForm: assign(({ event }) => (event.type === "BOOT" ? { form: event.form } : {})),
    /** The form shows the kernel that runs; the switches of another's configuration may not be its own. */
    rememberKernel: assign(({ context }, { kernel, form = context.form }: Booted) => ({
      form: kernel === undefined ? form : { ...form, kernel, config: {} },
    })),
    showError: assign(({ context }, params: { doing: string; error: unknown }) =>
      giveUp(context, errorAnswer(params.doing, params.error)),
    ),
    showAnswer: assign(({ context }, { answer }: { answer: Answer }) => ({
      answer: besideLost(context.lost, answer),
      lost: context.waiting.length === 0 ? 0 : context.lost,
      byHand: answer.done ?? context.byHand + 1,
    })),
    putBehind: assign(({ context, event }) =>
      event.type === "RUN" ? { waiting: [...context.waiting, event.command] } : {},
    ),
    lose: assign(({ context }) => ({ answer: besideLost(context.lost + 1), lost: context.lost + 1 })),
    takeNext: assign(({ context }) => ({ waiting: context.waiting.slice(1) })),
    ask: assign(({ event }) => (event.type === "STEP" ? { asksFor: event.to } : {})),
    stay: assign({ asksFor: undefined }),
    stopCommand: ({ context }) => void context.session?.host.stop(),
  },
  guards: {
    hasMachine: ({ context }) => context.session !== undefined,
    isWaiting: ({ context }) => context.waiting.length > 0,
    isFull: ({ context }) => context.waiting.length === MOST_WAITING,
    dropsWork: ({ context }) => context.byHand > 0,
    isOurs: ({ context, event }) => event.type === "LOST" && event.session === context.session,
  },
});

const taken = [
  { type: "closeSession", params: ({ event }: { event: { output: Booted } }) => event.output },
  { type: "rememberKernel", params: ({ event }: { event: { output: Booted } }) => event.output },
  { type: "takeMachine", params: ({ event }: { event: { output: Booted } }) => event.output },
] as const;
const failing = (doing: string) =>
  ({
    type: "showError",
    params: ({ event }: { event: { error: unknown } }) => ({ doing, error: event.error }),
  }) as const;
/** Whoever gives up waiting for a machine has the one before, if there was one. */
const cancelled = (doing: string) => {
  const actions = { type: "showError", params: { doing, error: "Cancelled." } } as const;
  return [{ guard: "hasMachine", target: "ready", actions } as const, { target: "failed", actions } as const];
};

/** Life of the page. Whoever starts it provides the four actors. */
export const pageMachine = chart.createMachine({
  id: "console",
  description: "The console's page: one simulated machine at a time",
  context: ({ input }) => ({
    form: input.form,
    session: undefined,
    open: undefined,
    answer: undefined,
    waiting: [],
    lost: 0,
    byHand: 0,
    asksFor: undefined,
  }),
  initial: "booting",
  on: {
    BOOT: { target: ".booting", actions: "rememberForm" },
    OPEN: ".opening",
    RUN: { actions: "lose" },
    LOST: {
      guard: "isOurs",
      target: ".failed",
      actions: {
        type: "showError",
        params: ({ event }) => ({ doing: "the machine is lost", error: event.error }),
      },
    },
  },
  states: {
    booting: {
      tags: "busy",
      invoke: {
        src: "boot",
        input: ({ context, event }) => ({
          form: event.type === "BOOT" ? event.form : context.form,
          isFirst: event.type !== "BOOT",
        }),
        onDone: { target: "ready", actions: [...taken] },
        onError: [
          { guard: "hasMachine", target: "ready", actions: failing("boot") },
          { target: "failed", actions: failing("boot") },
        ],
      },
      on: { CANCEL: cancelled("boot") },
    },
    opening: {
      tags: "busy",
      invoke: {
        src: "open",
        input: ({ context, event }) => ({
          source: event.type === "OPEN" ? event.source : "",
          text: event.type === "OPEN" ? event.text : missing,
          workers: context.form.workers,
          toEnd: event.type === "OPEN" && event.toEnd === true,
        }),
        onDone: { target: "ready", actions: [...taken] },
        onError: [
          { guard: "hasMachine", target: "ready", actions: failing("open") },
          { target: "failed", actions: failing("open") },
        ],
      },
      on: { CANCEL: cancelled("open") },
    },
    ready: {
      description: "The machine waits for the person.",
      always: { guard: "isWaiting", target: "running" },
      on: {
        RUN: { target: "running", actions: "putBehind" },
        STEP: [{ guard: "dropsWork", actions: "ask" }, { target: "stepping" }],
        STEP_ANYWAY: { target: "stepping" },
        STAY: { actions: "stay" },
      },
    },
    stepping: {
      tags: "busy",
      description: "The document runs anew, up to the step asked for.",
      invoke: {
        src: "step",
        input: ({ context, event }) => ({
          session: context.session as RemoteSession,
          to: event.type === "STEP" ? event.to : (context.asksFor ?? 0),
          workers: context.form.workers,
        }),
        onDone: { target: "ready", actions: [...taken] },
        onError: { target: "ready", actions: failing("step") },
      },
    },
    running: {
      tags: "busy",
      description: "The kernel works on a command; the page hears events as they happen.",
      invoke: {
        src: "run",
        input: ({ context }) => ({
          session: context.session as RemoteSession,
          command: context.waiting[0] as Asked | GoTo,
        }),
        onDone: {
          target: "ready",
          actions: ["takeNext", { type: "showAnswer", params: ({ event }) => ({ answer: event.output }) }],
        },
        onError: { target: "failed", actions: ["takeNext", failing("run")] },
      },
      on: { RUN: [{ guard: "isFull", actions: "lose" }, { actions: "putBehind" }], CANCEL: { actions: "stopCommand" } },
    },
    failed: {
      description: "There is no machine that could go on; boot another.",
    },
  },
});
