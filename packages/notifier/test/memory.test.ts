import { type MemoryNotify, NOTIFY_OK, notifierFromErrno } from "@memhp/abi";
import {
  createErrorInjector,
  createMemoryNotifier,
  createRecorder,
  EARLY_PRIORITY,
  LATE_PRIORITY,
  type MemoryNotifier,
  type Recording,
} from "@memhp/notifier";
import { beforeEach, expect, test } from "vitest";
import { kernelIds, kernelOf } from "../../../tools/conformance/src/kernels.ts";

const block32: MemoryNotify = { startPfn: 0x100000, nrPages: 0x8000, statusChangeNidNormal: -1, statusChangeNid: 1 };
const kernel = kernelOf("6.12");

let seen: Recording[];
let chain: MemoryNotifier;
const short = () => seen.map(({ notifier, action }) => `${notifier} ${action}`);

beforeEach(() => {
  seen = [];
  chain = createMemoryNotifier(kernel);
  chain.register(createRecorder("late", LATE_PRIORITY, (recording) => seen.push(recording)));
  chain.register(createRecorder("early", EARLY_PRIORITY, (recording) => seen.push(recording)));
});

test("the recorders of the kernel traces see each call with its data and object to nothing", () => {
  expect(chain.call("MEM_GOING_ONLINE", block32)).toEqual({
    ret: NOTIFY_OK,
    errno: 0,
    calls: [
      { name: "early", ret: NOTIFY_OK },
      { name: "late", ret: NOTIFY_OK },
    ],
  });
  expect(seen).toEqual([
    { notifier: "early", action: "MEM_GOING_ONLINE", data: block32 },
    { notifier: "late", action: "MEM_GOING_ONLINE", data: block32 },
  ]);
});

test("an injected error hides MEM_GOING_ONLINE from late, which then hears of MEM_CANCEL_ONLINE (observed-6 §7, h_inject)", () => {
  const injector = createErrorInjector({ kernel });
  chain.register(injector);
  injector.write("MEM_GOING_ONLINE", "-12");
  expect(chain.call("MEM_GOING_ONLINE", block32)).toMatchObject({ errno: "ENOMEM", vetoedBy: injector.name });
  expect(chain.call("MEM_CANCEL_ONLINE", block32)).toMatchObject({ errno: 0 });
  expect(short()).toEqual(["early MEM_GOING_ONLINE", "early MEM_CANCEL_ONLINE", "late MEM_CANCEL_ONLINE"]);
});

test("an injector above all hides MEM_GOING_ONLINE from everybody, and the cancel reaches everybody (observed-6 §7, h_inject_prio_2000)", () => {
  const injector = createErrorInjector({ kernel, priority: 2000 });
  chain.register(injector);
  injector.write("MEM_GOING_ONLINE", "-12");
  void chain.call("MEM_GOING_ONLINE", block32);
  void chain.call("MEM_CANCEL_ONLINE", block32);
  expect(short()).toEqual(["early MEM_CANCEL_ONLINE", "late MEM_CANCEL_ONLINE"]);
});

test("an injector below all vetoes after everybody was told (h_inject_prio_-2000)", () => {
  const injector = createErrorInjector({ kernel, priority: -2000 });
  chain.register(injector);
  injector.write("MEM_GOING_OFFLINE", "-12");
  expect(chain.call("MEM_GOING_OFFLINE", block32)).toMatchObject({ ret: notifierFromErrno("ENOMEM") });
  expect(short()).toEqual(["early MEM_GOING_OFFLINE", "late MEM_GOING_OFFLINE"]);
});

test.for(kernelIds)(
  "registering a callback twice on %s: EEXIST, and before that a corrupt list (facts/kernel.md §7)",
  (id) => {
    const notifier = createMemoryNotifier(kernelOf(id));
    const recorder = createRecorder("twice", 0, () => undefined);
    notifier.register(recorder);
    if (id.startsWith("4.1")) expect(() => notifier.register(recorder)).toThrow("corrupt");
    else
      expect(notifier.register(recorder)).toMatchObject({
        ok: false,
        refusal: { errno: "EEXIST", code: "already_in_state" },
      });
  },
);
