import { and, assign, createMachine, fromCallback, fromPromise, not, setup } from "xstate";

/** A traffic light; red has states of its own. */
export const light = createMachine({
  id: "light",
  description: "A traffic light with a walk signal.",
  initial: "green",
  states: {
    green: { description: "Cars drive.", tags: ["cars"], on: { TIMER: "yellow" }, after: { 5000: "yellow" } },
    yellow: { tags: ["cars"], on: { TIMER: "red" } },
    red: {
      description: "Cars stop; people walk.",
      initial: "walk",
      on: { TIMER: "green", BROKEN: { target: "dark", reenter: true } },
      states: {
        walk: { on: { PED: "wait" } },
        wait: { on: { PED: "stop", BACK: "walk", AGAIN: { target: "wait", reenter: true } } },
        stop: { on: { SKIP: "#light.green" } },
      },
    },
    dark: { type: "final" },
  },
});

/** Two things at once, history, guards, and transitions of the machine itself. */
export const player = setup({
  guards: { isLoud: () => true },
  actors: { load: fromPromise(async () => 1) },
}).createMachine({
  id: "player",
  type: "parallel",
  on: { RESET: ".sound.normal", TICK: { actions: () => {} } },
  states: {
    sound: {
      initial: "normal",
      states: {
        normal: {
          on: {
            MUTE: "muted",
            DUCK: [
              { guard: "isLoud", target: "muted" },
              { target: "normal", reenter: true },
            ],
          },
        },
        muted: { always: { guard: ({ context }) => context === undefined, target: "normal" }, on: { "*": "last" } },
        last: { type: "history", history: "deep" },
      },
    },
    track: {
      initial: "loading",
      states: {
        loading: { invoke: { src: "load", onDone: "playing", onError: { actions: () => {} } } },
        playing: { on: { STOP: "#player" } },
      },
    },
  },
});

/** Everything that a state can do besides being there. */
export const recorder = setup({
  types: { context: {} as { takes: number } },
  guards: { isReady: () => true, isFull: () => false },
  actions: {
    open: () => {},
    close: () => {},
    count: () => {},
    perform: (_args, _params: { step: string; times: number }) => {},
  },
  actors: { disk: fromPromise(async () => 1), clock: fromCallback(() => {}) },
}).createMachine({
  id: "recorder",
  context: { takes: 0 },
  initial: "idle",
  states: {
    idle: {
      after: { 1000: "off" },
      on: {
        GO: {
          guard: and(["isReady", not("isFull")]),
          target: "working",
          actions: ["count", assign({ takes: ({ context }) => context.takes + 1 })],
        },
        AGAIN: "working.head.last",
      },
    },
    working: {
      type: "parallel",
      entry: ["open", { type: "perform", params: { step: "check", times: 3 } }],
      exit: ["close", () => {}],
      invoke: [{ src: "disk", id: "writer", onDone: "idle" }, { src: "clock" }],
      states: {
        head: {
          initial: "down",
          states: { down: { on: { LIFT: "up" } }, up: {}, last: { type: "history", history: "deep", target: "up" } },
        },
        tape: {
          initial: "still",
          states: {
            still: { on: { RUN: "running" } },
            running: { initial: "slow", states: { slow: { on: { FASTER: "fast" } }, fast: {} } },
            back: { type: "history" },
          },
        },
      },
    },
    off: { type: "final" },
  },
});
