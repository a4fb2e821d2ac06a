import { type Errno, errnoFromNumber, errnoNames, errnoNumber, errnoText } from "@memhp/abi";
import fc from "fast-check";
import { expect, test } from "vitest";

test.for([
  ["EPERM", 1, "Operation not permitted"],
  ["ENOMEM", 12, "Cannot allocate memory"],
  ["EBUSY", 16, "Device or resource busy"],
  ["EINVAL", 22, "Invalid argument"],
  ["EHWPOISON", 133, "Memory page has hardware error"],
] as const)("%s is %i: %s", ([name, number, text]) => {
  expect(errnoNumber(name)).toBe(number);
  expect(errnoFromNumber(number)).toBe(name);
  expect(errnoText(name)).toBe(text);
  expect(errnoText(number)).toBe(text);
});

test("an injected error may have a number without a name (observed-6 §7: even 4095)", () => {
  expect(errnoFromNumber(4095)).toBe(4095);
  expect(errnoNumber(4095)).toBe(4095);
  expect(errnoText(4095)).toBe("Unknown error 4095");
});

test.for([0, -12, 4096, 1.5, Number.NaN])("%d is no errno", (number) => {
  expect(() => errnoFromNumber(number)).toThrow(RangeError);
});

test("an unknown name is an error", () => {
  expect(() => errnoNumber("EBOGUS" as Errno)).toThrow("unknown errno name: EBOGUS");
  expect(() => errnoNumber("constructor" as Errno)).toThrow(RangeError);
});

test("each name and each number is there once", () => {
  expect(new Set(errnoNames).size).toBe(errnoNames.length);
  expect(new Set(errnoNames.map(errnoNumber)).size).toBe(errnoNames.length);
});

test("property: every errno from 1 to 4095 survives the way to its name and back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4095 }), (number) => {
      expect(errnoNumber(errnoFromNumber(number))).toBe(number);
    }),
  );
});
