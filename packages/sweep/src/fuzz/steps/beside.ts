import { type Distribution, distributionRules } from "@memhp/udev";
import fc from "fast-check";
import { given, type Makers, maybe, pick } from "./draft.ts";

/** What goes on beside the machine: its image has none of it. */
export const beside: Makers = {
  fault: {
    weight: 3,
    arbitrary: fc
      .record({
        path: fc.constantFrom("memory*/state", "**", "memory3/*", "/proc/meminfo", "memory*/online"),
        operation: fc.constantFrom("write", "read"),
        errno: fc.constantFrom("EBUSY", "EINTR", "EIO", "ENOENT"),
        delay: maybe(fc.constantFrom(1, 500)),
        moment: fc.constantFrom<object>({}, { first: 2 }, { every: 3 }, { p: 0.5 }),
      })
      .map(({ path, operation, errno, delay, moment }) => () => ({
        op: "fault",
        path,
        operation,
        errno,
        ...given({ delay_ms: operation === "write" ? delay : undefined }),
        ...moment,
      })),
  },
  unfault: {
    weight: 2,
    arbitrary: maybe(fc.integer({ min: 1, max: 3 })).map((id) => () => ({ op: "unfault", ...given({ id }) })),
  },
  slow_migration: {
    weight: 1,
    arbitrary: maybe(fc.constantFrom(0, 1000)).map((us) => () => ({
      op: "slow_migration",
      ...given({ us_per_page: us }),
    })),
  },
  udev: {
    weight: 2,
    arbitrary: fc
      .record({
        of: fc.constantFrom(...(Object.keys(distributionRules) as Distribution[])),
        virt: fc.constantFrom("kvm", "none", "microsoft"),
        workers: maybe(fc.integer({ min: 1, max: 4 })),
        latency_ms: maybe(fc.constantFrom(0, 5, 200)),
      })
      .map(({ of, virt, workers, latency_ms }) => () => ({ op: "udev", of, virt, ...given({ workers, latency_ms }) })),
  },
  agent: {
    weight: 2,
    arbitrary: fc
      .record({
        word: fc.constantFrom("online", "online_movable", "online_kernel"),
        poll_ms: fc.constantFrom(500, 10_000),
        on_add_ms: maybe(fc.constantFrom(0, 20, 700)),
        retry: maybe(fc.constant({ times: 2, after_ms: 300 })),
        stop: fc.nat(3),
        pick,
      })
      .map(
        ({ word, poll_ms, on_add_ms, retry, stop, pick }) =>
          (named) =>
            stop === 0 && named.agents.length > 0
              ? { op: "agent", id: named.of(named.agents, pick), stop: true }
              : { op: "agent", id: named.add("agents"), word, poll_ms, ...given({ on_add_ms, retry }) },
      ),
  },
  uevent_fault: {
    weight: 1,
    arbitrary: fc
      .record({ action: fc.constantFrom("add", "*", "online|offline"), effect: fc.constantFrom("lost", "doubled") })
      .map((drawn) => () => ({ op: "uevent_fault", devpath: "*", ...drawn, every: 2 })),
  },
  settle: { weight: 2, arbitrary: fc.constantFrom(1, 30).map((s) => () => ({ op: "settle", s })) },
};
