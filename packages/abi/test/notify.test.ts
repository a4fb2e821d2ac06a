import {
  type Errno,
  memoryActionFlags,
  memoryActions,
  NOTIFY_BAD,
  NOTIFY_DONE,
  NOTIFY_OK,
  NOTIFY_STOP,
  NOTIFY_STOP_MASK,
  errnoFromNumber,
  notifierFromErrno,
  notifierToErrno,
  stopsChain,
} from "@memhp/abi";
import fc from "fast-check";
import { expect, test } from "vitest";

test("the NOTIFY_* values of the kernel (facts/kernel.md §7)", () => {
  expect([NOTIFY_DONE, NOTIFY_OK, NOTIFY_STOP_MASK, NOTIFY_BAD, NOTIFY_STOP]).toEqual([0, 1, 0x8000, 0x8002, 0x8001]);
});

test("no error is NOTIFY_OK; errno e is the stop bit and 1 + e (facts/kernel.md §7)", () => {
  expect(notifierFromErrno(0)).toBe(NOTIFY_OK);
  expect(notifierFromErrno("ENOMEM")).toBe(0x800d);
  expect(notifierFromErrno(4095)).toBe(0x9000);
});

test("NOTIFY_BAD is EPERM; NOTIFY_STOP, NOTIFY_OK and NOTIFY_DONE are no error (facts/kernel.md §7)", () => {
  expect([NOTIFY_BAD, NOTIFY_STOP, NOTIFY_OK, NOTIFY_DONE].map(notifierToErrno)).toEqual(["EPERM", 0, 0, 0]);
});

test("only the stop bit stops a walk", () => {
  expect([NOTIFY_BAD, NOTIFY_STOP, 0x8000, -12].map(stopsChain)).toEqual([true, true, true, true]);
  expect([NOTIFY_OK, NOTIFY_DONE, 0x7fff].map(stopsChain)).toEqual([false, false, false]);
});

test.for([-12, 4096, 1.5, Number.NaN, "EBOGUS"])("%s cannot be encoded", (errno) => {
  expect(() => notifierFromErrno(errno as Errno)).toThrow(RangeError);
});

test("a value above the encodable range is an error", () => {
  expect(() => notifierToErrno(0x8000 | 4097)).toThrow(RangeError);
});

test("property: every errno from 1 to 4095 survives being encoded, and stops the chain", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4095 }), (number) => {
      const ret = notifierFromErrno(number);
      expect(stopsChain(ret)).toBe(true);
      expect(notifierToErrno(ret)).toBe(errnoFromNumber(number));
    }),
  );
});

test("actions are single bits up to 6.12 (facts/kernel.md §3.3)", () => {
  expect(memoryActionFlags).toEqual({
    MEM_ONLINE: 1,
    MEM_GOING_OFFLINE: 2,
    MEM_OFFLINE: 4,
    MEM_GOING_ONLINE: 8,
    MEM_CANCEL_ONLINE: 0x10,
    MEM_CANCEL_OFFLINE: 0x20,
    MEM_PREPARE_ONLINE: 0x40,
    MEM_FINISH_OFFLINE: 0x80,
  });
  expect(Object.keys(memoryActionFlags).toSorted()).toEqual([...memoryActions].toSorted());
});
