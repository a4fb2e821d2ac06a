import { assign, fromPromise, setup } from "xstate";
import { type Answer, errorAnswer } from "../session/answer.ts";
import type { BootForm } from "../session/boot-form.ts";
import type { Command } from "../session/commands.ts";
import type { Replay } from "../replay/replay.ts";
import type { Session } from "../session/session.ts";

/** A scenario or kernel trace that is open, and how many of its steps the machine has taken. */
export interface OpenReplay {
  readonly replay: Replay;
  readonly step: number;
}

/** A machine that came up, by the form or by a document. */
export interface Booted {
  readonly session: Session;
  readonly open: OpenReplay | undefined;
}

export interface OpenRequest {
  readonly source: string;
  readonly text: () => Promise<string>;
  readonly workers: number;
}

interface PageContext {
  readonly form: BootForm;
  readonly session: Session | undefined;
  readonly open: OpenReplay | undefined;
  readonly answer: Answer | undefined;
}

export type PageEvent =
  | { readonly type: "BOOT"; readonly form: BootForm }
  | { readonly type: "OPEN"; readonly source: string; readonly text: () => Promise<string> }
  | { readonly type: "STEP"; readonly to: number }
  | { readonly type: "RUN"; readonly command: Command };

const missing = (): never => {
  throw new Error("memhp bug: the page machine was started without its actors");
};

const chart = setup({
  types: { context: {} as PageContext, events: {} as PageEvent, input: {} as { form: BootForm }, tags: {} as "busy" },
  actors: {
    boot: fromPromise<Booted, BootForm>(missing),
    open: fromPromise<Booted, OpenRequest>(missing),
    step: fromPromise<Booted, { open: OpenReplay; to: number; workers: number }>(missing),
    run: fromPromise<Answer, { session: Session; command: Command }>(missing),
  },
  actions: {
    /** The machine before is closed when the new one is there, never earlier. */
    closeSession: ({ context }) => void context.session?.close(),
    takeMachine: assign((_, booted: Booted) => ({ ...booted, answer: undefined })),
    rememberForm: assign(({ event }) => (event.type === "BOOT" ? { form: event.form } : {})),
    showError: assign((_, params: { doing: string; error: unknown }) => ({
      answer: errorAnswer(params.doing, params.error),
    })),
  },
  guards: { hasMachine: ({ context }) => context.session !== undefined },
});

/** Life of the page. Whoever starts it provides the four actors. */
export const pageMachine = chart.createMachine({
  id: "console",
  description: "The console's page: one simulated machine at a time",
  context: ({ input }) => ({ form: input.form, session: undefined, open: undefined, answer: undefined }),
  initial: "booting",
  on: { BOOT: { target: ".booting", actions: "rememberForm" }, OPEN: ".opening" },
  states: {
    booting: {
      tags: "busy",
      invoke: {
        src: "boot",
        input: ({ context, event }) => (event.type === "BOOT" ? event.form : context.form),
        onDone: {
          target: "ready",
          actions: ["closeSession", { type: "takeMachine", params: ({ event }) => event.output }],
        },
        onError: [
          {
            guard: "hasMachine",
            target: "ready",
            actions: { type: "showError", params: ({ event }) => ({ doing: "boot", error: event.error }) },
          },
          {
            target: "failed",
            actions: { type: "showError", params: ({ event }) => ({ doing: "boot", error: event.error }) },
          },
        ],
      },
    },
    opening: {
      tags: "busy",
      invoke: {
        src: "open",
        input: ({ context, event }) => ({
          source: event.type === "OPEN" ? event.source : "",
          text: event.type === "OPEN" ? event.text : missing,
          workers: context.form.workers,
        }),
        onDone: {
          target: "ready",
          actions: ["closeSession", { type: "takeMachine", params: ({ event }) => event.output }],
        },
        onError: [
          {
            guard: "hasMachine",
            target: "ready",
            actions: { type: "showError", params: ({ event }) => ({ doing: "open", error: event.error }) },
          },
          {
            target: "failed",
            actions: { type: "showError", params: ({ event }) => ({ doing: "open", error: event.error }) },
          },
        ],
      },
    },
    ready: {
      description: "The machine waits for the person.",
      on: { RUN: "running", STEP: "stepping" },
    },
    stepping: {
      tags: "busy",
      description: "The document runs anew, up to the step asked for.",
      invoke: {
        src: "step",
        input: ({ context, event }) => ({
          open: context.open as OpenReplay,
          to: event.type === "STEP" ? event.to : 0,
          workers: context.form.workers,
        }),
        onDone: {
          target: "ready",
          actions: ["closeSession", { type: "takeMachine", params: ({ event }) => event.output }],
        },
        onError: {
          target: "ready",
          actions: { type: "showError", params: ({ event }) => ({ doing: "step", error: event.error }) },
        },
      },
    },
    running: {
      tags: "busy",
      description: "The kernel works on a command; the page hears events as they happen.",
      invoke: {
        src: "run",
        input: ({ context, event }) => ({
          session: context.session as Session,
          command: (event as Extract<PageEvent, { type: "RUN" }>).command,
        }),
        onDone: { target: "ready", actions: assign(({ event }) => ({ answer: event.output })) },
        onError: {
          target: "failed",
          actions: { type: "showError", params: ({ event }) => ({ doing: "run", error: event.error }) },
        },
      },
    },
    failed: {
      description: "There is no machine that could go on; boot another.",
    },
  },
});
