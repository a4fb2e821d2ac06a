import { expect, test } from "vitest";
import { operationOf, type TraceStep } from "../src/index.ts";

const places = { resolve: (text: string) => text, blocks: () => undefined, address: () => undefined };

/** The words behind the arrow: an answer that is a refusal must not read "done". */
test.for<readonly [step: TraceStep["step"], result: object, outcome: string]>([
  [
    { op: "memlog", data: "add 0 100000000 8000000" },
    { open_errno: 0, ret: -1, errno: "EEXIST" },
    "EEXIST (File exists)",
  ],
  [{ op: "memlog", data: "add 0 100000000 8000000" }, { open_errno: 0, ret: 23, errno: 0 }, "ok"],
  [{ op: "qmp", cmd: "device_del" }, { error: { class: "DeviceNotFound", desc: "no such device" } }, "no such device"],
  [{ op: "qmp", cmd: "device_del" }, { return: {} }, "done"],
  [{ op: "sh", cmd: "false" }, { rc: 1, timed_out: false, out: "" }, "ends with 1"],
  [{ op: "sh", cmd: "sleep 9" }, { rc: 137, timed_out: true, out: "" }, "no answer in this time"],
  [{ op: "kill", name: "a" }, { rc: 0, timed_out: false, out: "" }, "done"],
])("%j: %j", ([step, result, outcome]) => {
  const operation = operationOf(step.op);
  const done = { step, result } as unknown as Parameters<NonNullable<typeof operation.outcome>>[0];
  expect(operation.outcome?.(done, step, places)).toEqual({ outcome, good: /^(?:ok|done)$/.test(outcome) });
});
