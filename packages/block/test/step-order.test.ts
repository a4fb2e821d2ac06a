import { expect, test } from "vitest";
import { blockSteps, offlineOrder } from "../src/index.ts";

test("the steps of an offline stand in the statechart in the order of the kernel (facts §4.1, §4.2)", () => {
  const order = offlineOrder();
  expect(order).toEqual(["check", "isolate", "notify_going_offline", "migrate", "dissolve", "verify", "withdraw"]);
  expect(order.every((step) => blockSteps.includes(step))).toBe(true);
});
