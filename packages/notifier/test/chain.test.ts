import { NOTIFY_BAD, NOTIFY_DONE, NOTIFY_OK, NOTIFY_STOP, type Errno, notifierFromErrno, stopsChain } from "@memhp/abi";
import {
  createNotifierChain,
  type NotifierCall,
  type NotifierCallback,
  NotifierCallbackError,
  type NotifierChain,
  type NotifierOutcome,
} from "@memhp/notifier";
import fc from "fast-check";
import { expect, test } from "vitest";

type Action = "GOING" | "CANCEL";
type Callback = NotifierCallback<Action, string>;

const answering = (name: string, ret: number, priority = 0): Callback => ({ name, priority, call: () => ret });

function chainOf(...callbacks: Callback[]): NotifierChain<Action, string> {
  const chain = createNotifierChain<Action, string>();
  for (const callback of callbacks) expect(chain.register(callback).ok).toBe(true);
  return chain;
}

/** The outcome of a walk that had no reason to wait. */
function callNow(chain: NotifierChain<Action, string>, observer?: (call: NotifierCall) => void): NotifierOutcome {
  const outcome = chain.call("GOING", "data", observer);
  if (outcome instanceof Promise) throw new Error("the walk answered with a promise");
  return outcome;
}

const names = (outcome: NotifierOutcome): string[] => outcome.calls.map((call) => call.name);

test("higher priority is called first, equal priority in order of registration (facts/kernel.md §7)", () => {
  const chain = chainOf(
    answering("a", NOTIFY_OK, 0),
    answering("late", NOTIFY_OK, -1000),
    answering("b", NOTIFY_OK, 0),
    answering("early", NOTIFY_OK, 1000),
    answering("c", NOTIFY_OK, 0),
  );
  expect(names(callNow(chain))).toEqual(["early", "a", "b", "c", "late"]);
  expect(chain.callbacks().map((callback) => callback.name)).toEqual(["early", "a", "b", "c", "late"]);
});

test("a callback without a priority has priority 0", () => {
  const chain = chainOf(
    answering("below", NOTIFY_OK, -1),
    { name: "plain", call: () => NOTIFY_OK },
    answering("above", NOTIFY_OK, 1),
  );
  expect(names(callNow(chain))).toEqual(["above", "plain", "below"]);
});

test("each callback is given the action and the data", () => {
  const heard: string[] = [];
  const chain = chainOf({
    name: "a",
    call: (action, data) => {
      heard.push(`${action} ${data}`);
      return NOTIFY_OK;
    },
  });
  void chain.call("CANCEL", "pages");
  expect(heard).toEqual(["CANCEL pages"]);
});

test("an empty chain answers NOTIFY_DONE", () => {
  expect(callNow(chainOf())).toEqual({ ret: NOTIFY_DONE, errno: 0, calls: [] });
});

test("an encoded errno stops the walk and names the one who vetoed", () => {
  const ret = notifierFromErrno("ENOMEM");
  const outcome = callNow(chainOf(answering("a", NOTIFY_OK), answering("inject", ret), answering("b", NOTIFY_OK)));
  expect(outcome).toEqual({
    ret,
    errno: "ENOMEM",
    calls: [
      { name: "a", ret: NOTIFY_OK },
      { name: "inject", ret },
    ],
    vetoedBy: "inject",
    refusal: expect.objectContaining({
      errno: "ENOMEM",
      code: "notifier_veto",
      detail: "inject answered GOING with ENOMEM",
    }),
  });
});

test("NOTIFY_BAD is EPERM (facts/kernel.md §7)", () => {
  expect(callNow(chainOf(answering("kasan", NOTIFY_BAD)))).toMatchObject({
    ret: NOTIFY_BAD,
    errno: "EPERM",
    vetoedBy: "kasan",
  });
});

test("NOTIFY_STOP stops the walk without a veto (facts/kernel.md §7)", () => {
  const outcome = callNow(chainOf(answering("a", NOTIFY_STOP), answering("b", NOTIFY_OK)));
  expect(outcome).toEqual({ ret: NOTIFY_STOP, errno: 0, calls: [{ name: "a", ret: NOTIFY_STOP }] });
});

test("an error without the stop bit from an early callback is lost (facts/kernel.md §7)", () => {
  const unstopped = notifierFromErrno("EBUSY") & ~0x8000;
  expect(callNow(chainOf(answering("a", unstopped), answering("b", NOTIFY_OK)))).toMatchObject({
    ret: NOTIFY_OK,
    errno: 0,
  });
  expect(callNow(chainOf(answering("a", NOTIFY_OK), answering("b", unstopped)))).toMatchObject({
    errno: "EBUSY",
    vetoedBy: "b",
  });
});

test("a raw negative errno stops the walk but is no veto: the kernel's decoding makes it 0", () => {
  expect(callNow(chainOf(answering("a", -12), answering("b", NOTIFY_OK)))).toEqual({
    ret: -12,
    errno: 0,
    calls: [{ name: "a", ret: -12 }],
  });
});

test("the observer hears of each call before the next callback runs", () => {
  const heard: string[] = [];
  const speaking = (name: string, ret: number): Callback => ({ name, call: () => (heard.push(`run ${name}`), ret) });
  callNow(chainOf(speaking("a", NOTIFY_OK), speaking("b", NOTIFY_STOP), speaking("c", NOTIFY_OK)), ({ name, ret }) =>
    heard.push(`${name} ${ret}`),
  );
  expect(heard).toEqual(["run a", `a ${NOTIFY_OK}`, "run b", `b ${NOTIFY_STOP}`]);
});

test("registering one callback twice is EEXIST on newer kernels and leaves the chain alone", () => {
  const callback = answering("a", NOTIFY_OK);
  const chain = chainOf(callback);
  expect(chain.register(callback)).toMatchObject({ ok: false, refusal: { errno: "EEXIST", code: "already_in_state" } });
  expect(names(callNow(chain))).toEqual(["a"]);
});

test("registering one callback twice is a bug of the caller where the kernel would corrupt its list", () => {
  const chain = createNotifierChain<Action, string>({ doubleRegistration: "throws" });
  const callback = answering("a", NOTIFY_OK);
  chain.register(callback);
  expect(() => chain.register(callback)).toThrow('notifier "a" is registered already');
});

test("two callbacks may share a name", () => {
  expect(names(callNow(chainOf(answering("a", NOTIFY_OK), answering("a", NOTIFY_OK))))).toEqual(["a", "a"]);
});

test("unregistering what is not there is ENOENT (facts/kernel.md §7)", () => {
  const callback = answering("a", NOTIFY_OK);
  const chain = createNotifierChain<Action, string>();
  expect(chain.unregister(callback)).toMatchObject({ refusal: { errno: "ENOENT", code: "no_entry" } });
  const registration = chain.register(callback);
  if (!registration.ok) throw new Error("refused");
  expect(registration.unregister()).toEqual({ ok: true, value: undefined });
  expect(registration.unregister()).toMatchObject({ refusal: { errno: "ENOENT" } });
  expect(names(callNow(chain))).toEqual([]);
  expect(chain.register(callback).ok).toBe(true);
});

test("a walk keeps to the chain as it was when it began", () => {
  const chain = createNotifierChain<Action, string>();
  const added = answering("added", NOTIFY_OK, -5);
  const last = answering("last", NOTIFY_OK, -10);
  chain.register({
    name: "meddler",
    call: () => {
      chain.register(added);
      chain.unregister(last);
      return NOTIFY_OK;
    },
  });
  chain.register(last);
  expect(names(callNow(chain))).toEqual(["meddler", "last"]);
  expect(names(callNow(chain))).toEqual(["meddler", "added"]);
});

test("the walk answers with a promise only if a callback did, and then still one after another", async () => {
  const heard: string[] = [];
  const slow = (name: string, ret: number): Callback => ({
    name,
    call: async () => {
      heard.push(`${name} begins`);
      await Promise.resolve();
      heard.push(`${name} ends`);
      return ret;
    },
  });
  const quick: Callback = { name: "quick", call: () => (heard.push("quick"), NOTIFY_OK) };
  const chain = chainOf(
    quick,
    slow("one", NOTIFY_OK),
    slow("two", notifierFromErrno("EBUSY")),
    slow("three", NOTIFY_OK),
  );
  const outcome = chain.call("GOING", "data", ({ name }) => heard.push(`heard ${name}`));
  expect(outcome).toBeInstanceOf(Promise);
  expect(await outcome).toMatchObject({ errno: "EBUSY", vetoedBy: "two" });
  expect(heard).toEqual([
    "quick",
    "heard quick",
    "one begins",
    "one ends",
    "heard one",
    "two begins",
    "two ends",
    "heard two",
  ]);
});

test("a promise from the last callback, or one that stops at once, ends the walk too", async () => {
  const later = (ret: number): Callback => ({ name: "later", call: () => Promise.resolve(ret) });
  expect(await chainOf(answering("a", NOTIFY_OK), later(NOTIFY_DONE)).call("GOING", "")).toMatchObject({
    ret: NOTIFY_DONE,
    errno: 0,
  });
  expect(await chainOf(later(NOTIFY_BAD), answering("a", NOTIFY_OK)).call("GOING", "")).toMatchObject({
    errno: "EPERM",
    calls: [{ name: "later" }],
  });
  expect(
    await chainOf(later(NOTIFY_OK), answering("a", NOTIFY_STOP), answering("b", NOTIFY_OK)).call("GOING", ""),
  ).toMatchObject({ ret: NOTIFY_STOP });
});

test("a callback that throws is a bug, and the error names it", () => {
  const cause = new Error("no such page");
  const chain = chainOf({
    name: "clumsy",
    call: () => {
      throw cause;
    },
  });
  const error = catching(() => callNow(chain));
  expect(error).toBeInstanceOf(NotifierCallbackError);
  expect(error).toMatchObject({
    callback: "clumsy",
    action: "GOING",
    cause,
    message: 'notifier callback "clumsy" failed on GOING: no such page',
  });
});

test("a callback that rejects is a bug, and the error names it", async () => {
  const rejecting = (name: string): Callback => ({ name, call: () => Promise.reject(new Error("worker gone")) });
  await expect(chainOf(rejecting("remote")).call("GOING", "")).rejects.toThrow(
    'notifier callback "remote" failed on GOING: worker gone',
  );
  const chain = chainOf({ name: "first", call: () => Promise.resolve(NOTIFY_OK) }, rejecting("second"));
  await expect(chain.call("GOING", "")).rejects.toMatchObject({ callback: "second" });
});

test.for([
  ["nothing", undefined],
  ["null", null],
  ["a fraction", 1.5],
  ["no number", Number.NaN],
  ["more than a C int", 2 ** 40],
  ["an errno above 4095", 0x8000 | 4097],
])("a callback that answers %s is a bug", ([, ret]) => {
  expect(() => callNow(chainOf(answering("a", ret as number)))).toThrow(
    /"a" failed on GOING: it answered .*, which is neither NOTIFY_\* nor/,
  );
});

test("a promise of something that is no answer is a bug", async () => {
  const chain = chainOf({ name: "a", call: () => Promise.resolve(undefined as unknown as number) });
  await expect(chain.call("GOING", "")).rejects.toBeInstanceOf(NotifierCallbackError);
});

test("a priority that is no whole number is a bug of the caller", () => {
  expect(() => createNotifierChain().register({ name: "a", priority: Number.NaN, call: () => NOTIFY_OK })).toThrow(
    "priority NaN",
  );
});

const errno: fc.Arbitrary<Errno | 0> = fc.integer({ min: 0, max: 4095 });
const answers = fc.array(
  fc.record({
    priority: fc.integer({ min: -3, max: 3 }),
    ret: fc.oneof(fc.constantFrom(NOTIFY_DONE, NOTIFY_OK, NOTIFY_STOP, NOTIFY_BAD), errno.map(notifierFromErrno)),
  }),
);

test("property: the walk is the stable sort by priority, cut after the first answer that stops, now or later", async () => {
  await fc.assert(
    fc.asyncProperty(answers, fc.infiniteStream(fc.boolean()), async (list, late) => {
      const callbacks = list.map(({ priority, ret }, index): Callback => {
        const isLate = late.next().value;
        return { name: `${index}`, priority, call: () => (isLate ? Promise.resolve(ret) : ret) };
      });
      const outcome = await chainOf(...callbacks).call("GOING", "");

      const order = list
        .map((entry, index) => ({ name: `${index}`, ...entry }))
        .toSorted((a, b) => b.priority - a.priority);
      const stop = order.findIndex(({ ret }) => stopsChain(ret));
      const expected = (stop === -1 ? order : order.slice(0, stop + 1)).map(({ name, ret }) => ({ name, ret }));
      expect(outcome.calls).toEqual(expected);
      expect(outcome.ret).toBe(expected.at(-1)?.ret ?? NOTIFY_DONE);
      expect(outcome.vetoedBy).toBe(outcome.errno === 0 ? undefined : expected.at(-1)?.name);
    }),
  );
});

test("property: an errno that one callback answers is the errno that the caller gets, and who stands behind it is not asked", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4095 }), fc.nat(5), fc.nat(5), (number, before, after) => {
      const others = (count: number, prefix: string) =>
        Array.from({ length: count }, (_, i) => answering(`${prefix}${i}`, NOTIFY_OK));
      const outcome = callNow(
        chainOf(...others(before, "b"), answering("veto", notifierFromErrno(number)), ...others(after, "a")),
      );
      expect(outcome.vetoedBy).toBe("veto");
      expect(outcome.calls).toHaveLength(before + 1);
      expect(notifierFromErrno(outcome.errno)).toBe(notifierFromErrno(number));
    }),
  );
});

function catching(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
