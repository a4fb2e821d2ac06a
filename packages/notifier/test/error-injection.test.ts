import {
  type MemoryNotify,
  memoryActions,
  NOTIFY_OK,
  notifierFromErrno,
  notifierToErrno,
  stopsChain,
} from "@memhp/abi";
import { createErrorInjector, injectableActions } from "@memhp/notifier";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Kernel, kernelOf } from "../../../tools/conformance/src/kernels.ts";

const data: MemoryNotify = { startPfn: 0x100000, nrPages: 0x8000, statusChangeNidNormal: -1, statusChangeNid: -1 };
const [linux41, linux61, linux612] = [kernelOf("4.1"), kernelOf("6.1"), kernelOf("6.12")];
const both: [string, Kernel][] = [
  ["4.1", linux41],
  ["6.12", linux612],
];

/** Writes to MEM_GOING_ONLINE after -7; the write's errno or byte count, and what the file reads then. */
function write(kernel: Kernel, text: string): [number | string, string] {
  const injector = createErrorInjector({ kernel });
  injector.write("MEM_GOING_ONLINE", "-7");
  const result = injector.write("MEM_GOING_ONLINE", text);
  return [result.ok ? result.value : String(result.refusal.errno), injector.read("MEM_GOING_ONLINE")];
}

test.for(both)("%s: both files read 0 at first and inject nothing", ([, kernel]) => {
  const log: string[] = [];
  const injector = createErrorInjector({ kernel, log: (text) => log.push(text) });
  for (const action of injectableActions) {
    expect(injector.read(action)).toBe("0\n");
    expect(injector.call(action, data)).toBe(NOTIFY_OK);
  }
  expect(log).toEqual([]);
  expect(injector.priority).toBe(0);
});

test.for(both)("%s: -12 is returned stop-encoded, for its action only, with a line in the kernel log", ([, kernel]) => {
  const log: string[] = [];
  const injector = createErrorInjector({ kernel, log: (text) => log.push(text) });
  expect(injector.write("MEM_GOING_ONLINE", "-12\n")).toEqual({ ok: true, value: 4 });
  expect(injector.read("MEM_GOING_ONLINE")).toBe("-12\n");
  expect(injector.read("MEM_GOING_OFFLINE")).toBe("0\n");
  for (const action of memoryActions) {
    expect(injector.call(action, data)).toBe(action === "MEM_GOING_ONLINE" ? notifierFromErrno("ENOMEM") : NOTIFY_OK);
  }
  expect(log).toEqual(["Injecting error (-12) to MEM_GOING_ONLINE"]);
});

test("an injector without a log is silent", () => {
  const injector = createErrorInjector({ kernel: linux61 });
  injector.write("MEM_GOING_OFFLINE", "-16");
  expect(injector.call("MEM_GOING_OFFLINE", data)).toBe(notifierFromErrno("EBUSY"));
});

test.for(both)(
  "%s: a positive number becomes 0 and one below -4095 becomes -4095 (observed-4.1 §11, observed-6 §7)",
  ([, kernel]) => {
    expect(write(kernel, "5")).toEqual([1, "0\n"]);
    expect(write(kernel, "-5000")).toEqual([5, "-4095\n"]);
    expect(write(kernel, "-4095")).toEqual([5, "-4095\n"]);
  },
);

test("4.1 takes garbage for 0 and says that all of it was written (observed-4.1 §11, notifier-error)", () => {
  expect(write(linux41, "garbage\n")).toEqual([8, "0\n"]);
  expect(write(linux41, "")).toEqual([0, "0\n"]);
  expect(write(linux41, " -5")).toEqual([3, "0\n"]);
});

test("4.1 reads the number at the start and lets the rest be", () => {
  expect(write(linux41, "-12abc")).toEqual([6, "-12\n"]);
  expect(write(linux41, "-12\n\n")).toEqual([5, "-12\n"]);
  expect(write(linux41, "-08")).toEqual([3, "0\n"]);
});

test("6.x refuses garbage with EINVAL and keeps the value (observed-6 §7, h_inject)", () => {
  for (const text of ["abc", "", "\n", "-", "-12abc", "-12\n\n", " -12", "-12 ", "-+12", "-08", "0x"]) {
    expect([text, ...write(linux61, text)]).toEqual([text, "EINVAL", "-7\n"]);
  }
});

test("6.x says why it refused", () => {
  expect(createErrorInjector({ kernel: linux612 }).write("MEM_GOING_ONLINE", "abc")).toEqual({
    ok: false,
    refusal: {
      errno: "EINVAL",
      code: "bad_word",
      rule: "observed-6 §7: memory-notifier-error-inject",
      retry: "no",
      remedy: ["write 0, or the negative number of an errno: -1 to -4095"],
      detail: '"abc"',
    },
  });
});

test("6.x answers ERANGE where 64 bits do not hold the number; 4.1 drops the upper bits", () => {
  for (const text of ["9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999x"]) {
    expect(write(linux61, text)).toEqual(["ERANGE", "-7\n"]);
  }
  expect(createErrorInjector({ kernel: linux61 }).write("MEM_GOING_ONLINE", "99999999999999999999")).toMatchObject({
    refusal: { code: "out_of_range" },
  });
  expect(write(linux41, "18446744073709551604")).toEqual([20, "-12\n"]);
});

test.for(both)("%s: the number is cut to an int before it is clamped", ([, kernel]) => {
  expect(write(kernel, "4294967284")).toEqual([10, "-12\n"]);
  expect(write(kernel, "-9223372036854775808")).toEqual([20, "0\n"]);
});

test.for(both)("%s: hexadecimal and octal are read as in C", ([, kernel]) => {
  expect(write(kernel, "-0xC")).toEqual([4, "-12\n"]);
  expect(write(kernel, "-014\n")).toEqual([5, "-12\n"]);
  expect(write(kernel, "-0")).toEqual([2, "0\n"]);
});

test("6.x takes a plus sign, which is garbage to 4.1", () => {
  expect(write(linux61, "+4294967284")).toEqual([11, "-12\n"]);
  expect(write(linux41, "+4294967284")).toEqual([11, "0\n"]);
});

test.for(both)("%s: a NUL ends the word, and only 23 bytes are looked at", ([, kernel]) => {
  expect(write(kernel, "-12\0junk")).toEqual([8, "-12\n"]);
  expect(write(kernel, `-${"0".repeat(20)}123`)).toEqual([24, "-10\n"]);
  expect(write(kernel, `-12\0${"x".repeat(5000)}`)).toEqual([5004, "-12\n"]);
});

test("a program sets an error by its name or number", () => {
  const injector = createErrorInjector({ kernel: linux61, priority: 5 });
  expect(injector.priority).toBe(5);
  injector.set("MEM_GOING_OFFLINE", "EBUSY");
  expect(injector.read("MEM_GOING_OFFLINE")).toBe("-16\n");
  injector.set("MEM_GOING_OFFLINE", 4095);
  expect(injector.read("MEM_GOING_OFFLINE")).toBe("-4095\n");
  injector.set("MEM_GOING_OFFLINE", 0);
  expect(injector.read("MEM_GOING_OFFLINE")).toBe("0\n");
  expect(() => injector.set("MEM_GOING_OFFLINE", -16)).toThrow(RangeError);
  expect(() => injector.set("MEM_GOING_OFFLINE", 4096)).toThrow(RangeError);
});

test("property: each errno comes out of the chain as it was written", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4095 }),
      fc.constantFrom(linux41, linux61, linux612),
      fc.constantFrom(...injectableActions),
      (number, kernel, action) => {
        const injector = createErrorInjector({ kernel });
        injector.write(action, `-${number}\n`);
        expect(injector.read(action)).toBe(`-${number}\n`);
        const ret = injector.call(action, data);
        if (typeof ret !== "number") throw new Error("an injector has nothing to wait for");
        expect(stopsChain(ret)).toBe(true);
        expect(notifierFromErrno(notifierToErrno(ret))).toBe(notifierFromErrno(number));
      },
    ),
  );
});
