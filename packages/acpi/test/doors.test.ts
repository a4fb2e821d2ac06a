import fc from "fast-check";
import { expect, test } from "vitest";
import { bench, HIGH, memoryDevice } from "./fake-kernel.ts";
import type { Acpi } from "@memhp/acpi";

const MEM = "\\_SB_.MEM0";
const oneBlock = [1];
const wrong = [Number.NaN, -1, 0.5, 1e300, "foo", null, undefined, {}, oneBlock, Symbol("s"), 10n] as never[];

/** One argument of a door, what its error names, and what of the wrong values it takes. */
const doors: Readonly<
  Record<string, readonly [call: (acpi: Acpi, value: never) => unknown, takes?: readonly unknown[]]>
> = {
  // A device that the kernel has no object for is answered by _OST (facts/kernel.md §6.2).
  "notify: path": [(acpi, value) => acpi.notify(value, 3), ["foo"]],
  "notify: value": [(acpi, value) => acpi.notify(MEM, value)],
  "hotplug: path": [(acpi, value) => acpi.hotplug(value, 3)],
  "hotplug: source": [(acpi, value) => acpi.hotplug(MEM, value)],
  "requestEject: path": [(acpi, value) => acpi.requestEject(value)],
  "setHotplugEnabled: name": [(acpi, value) => acpi.setHotplugEnabled(value, true)],
  "setHotplugEnabled: enabled": [(acpi, value) => acpi.setHotplugEnabled("memory", value)],
  "setForceRemove: value": [(acpi, value) => acpi.setForceRemove(value)],
  "setContainerOnline: path": [(acpi, value) => acpi.setContainerOnline(value, true)],
  "setContainerOnline: online": [(acpi, value) => acpi.setContainerOnline(MEM, value)],
  "blocksRemoved: blocks": [(acpi, value) => acpi.blocksRemoved(value), [oneBlock]],
};

test("what a door is given wrongly is told with its place, and nothing has changed", async () => {
  const { acpi, kernel } = bench("6.12", [memoryDevice("MEM0", HIGH, 1)]);
  await acpi.boot();
  kernel.since();
  const before = JSON.stringify(acpi.snapshot());
  const cases = Object.entries(doors).flatMap(([place, [call, takes = []]]) =>
    wrong.filter((value) => !takes.includes(value)).map((value) => ({ place, call, value })),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...cases), async ({ place, call, value }) => {
      const error = await (async () => call(acpi, value))().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toMatch(new RegExp(`^${place}(\\[\\d+\\])?: expected .*, found `));
      expect(JSON.stringify(acpi.snapshot())).toBe(before);
    }),
    { numRuns: 400, seed: 4 },
  );
  expect(kernel.since()).toEqual([]);
});

test("it says which devices and sources there are", async () => {
  const { acpi } = bench("6.12", [memoryDevice("MEM0", HIGH, 1)]);
  await acpi.boot();
  expect(() => acpi.requestEject("\\nope")).toThrow(
    /^requestEject: path: expected one of \\, .*\\_SB_\.MEM0.*, found "\\\\nope"$/,
  );
  await expect(acpi.hotplug(MEM, 0x80)).rejects.toThrow("hotplug: source: expected one of 0, 1, 3, 259, found 128");
});
