import { done, type Refusal, refusalCodes, refused } from "@memhp/abi";
import { expect, test } from "vitest";

const refusal: Refusal = { errno: "EBUSY", code: "unmovable_page", rule: "facts §4.3", retry: "no", remedy: [] };

test("an answer is a value or a refusal", () => {
  expect(done(7)).toEqual({ ok: true, value: 7 });
  expect(refused(refusal)).toEqual({ ok: false, refusal });
});

test("each cause is in the list once", () => {
  expect(new Set(refusalCodes).size).toBe(refusalCodes.length);
});
