import fc from "fast-check";
import { expect, test } from "vitest";
import { Alarms } from "../src/time/alarms.ts";

test("alarms ring by time, those of one moment in the order in which they were set, and none before its time", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 60 }), fc.nat(25), (times, nowNs) => {
      const alarms = new Alarms();
      for (const [i, atNs] of times.entries()) alarms.set({ atNs, name: String(i), ring: async () => {} });
      const rung: string[] = [];
      for (let next = alarms.take(nowNs); next !== undefined; next = alarms.take(nowNs)) rung.push(next.name);
      const due = [...times.entries()].filter(([, atNs]) => atNs <= nowNs).toSorted(([, a], [, b]) => a - b);
      expect(rung).toEqual(due.map(([i]) => String(i)));
      expect(alarms.nextNs).toBe(Math.min(...times.filter((atNs) => atNs > nowNs), Number.POSITIVE_INFINITY));
    }),
  );
});
