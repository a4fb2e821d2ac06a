import fc from "fast-check";
import { block, blocks, given, type Makers, maybe, node, pick } from "./draft.ts";

const stateWords = ["offline", "online", "online_kernel", "online_movable", "onlin", "online\n", ""] as const;
const dimmSizes = ["128M", "256M", "384M", "512M", "1G", "100M"] as const;

const BLOCK = 128 * 2 ** 20;
const FIRST = 2 ** 32;

/** What firmware, the kernel and whoever writes to blocks do. */
export const hotplug: Makers = {
  dimm_add: {
    weight: 6,
    arbitrary: fc
      .record({
        size: fc.constantFrom(...dimmSizes),
        node: maybe(node),
        slot: fc.option(fc.nat(9), { nil: undefined, freq: 8 }),
        addr: fc.option(fc.nat(40), { nil: undefined, freq: 8 }),
      })
      .map(({ size, node, slot, addr }) => (named) => ({
        op: "dimm_add",
        id: named.add("dimms"),
        size,
        ...given({
          node: node?.(named),
          slot,
          addr: addr === undefined ? undefined : `0x${(FIRST + addr * BLOCK).toString(16)}`,
        }),
      })),
  },
  dimm_del: {
    weight: 6,
    arbitrary: fc.record({ pick, wait: maybe(fc.constantFrom(0, 0, 1, 5, 60)) }).map(({ pick, wait }) => (named) => ({
      op: "dimm_del",
      id: named.of(named.dimms, pick),
      ...given({ wait }),
    })),
  },
  container: {
    weight: 3,
    arbitrary: fc
      .record({
        pick,
        action: fc.constantFrom("add", "eject", "offline", "online"),
        notify: maybe(fc.constantFrom("bus_check", "device_check")),
      })
      .map(
        ({ pick, action, notify }) =>
          (named) =>
            named.containers.length === 0
              ? { op: "wait", ms: 1 }
              : {
                  op: "container",
                  id: named.of(named.containers, pick),
                  action,
                  ...given({ notify: action === "add" ? notify : undefined }),
                },
      ),
  },
  reset: { weight: 1, arbitrary: fc.constant(() => ({ op: "reset" })) },
  dax: {
    weight: 2,
    arbitrary: fc
      .record({
        pick,
        action: fc.constantFrom("add", "destroy", "resize"),
        size: fc.constantFrom("0", "256M", "1G", "3M"),
      })
      .map(({ pick, action, size }) => (named) => ({
        op: "dax",
        id: named.of(named.dax, pick),
        action,
        ...given({ size: action === "resize" ? size : undefined }),
      })),
  },
  balloon: {
    weight: 2,
    arbitrary: fc
      .record({ size: fc.constantFrom("1M", "200M", "600M", "1G", "8G"), wait: fc.constantFrom(0, 0.3, 2) })
      .map((drawn) => () => ({ op: "balloon", ...drawn })),
  },
  daxctl: {
    weight: 4,
    arbitrary: fc
      .record({
        pick,
        command: fc.constantFrom("reconfigure-device", "reconfigure-device", "online-memory", "offline-memory"),
        mode: fc.constantFrom("system-ram", "system-ram", "devdax"),
        yes: fc.boolean(),
        force: fc.boolean(),
      })
      .map(({ pick, command, mode, yes, force }) => (named) => ({
        op: "daxctl",
        id: named.of(named.dax, pick),
        do: command,
        ...(command === "reconfigure-device"
          ? { mode, force, ...given({ online: mode === "system-ram" ? yes : undefined }) }
          : {}),
      })),
  },
  block: {
    weight: 12,
    arbitrary: fc
      .record({
        block,
        v: fc.constantFrom(...stateWords),
        how: fc.nat(5),
        timeout: fc.constantFrom(1, 1000, 200_000),
      })
      .map(({ block, v, how, timeout }) => (named) => ({
        op: "block",
        n: block(named),
        v,
        ...(how === 0 ? { background: named.add("writers") } : {}),
        ...(how === 1 ? { timeout_ms: timeout } : {}),
        ...(how === 2 ? { file: "online", v: v === "offline" ? "0" : "1" } : {}),
      })),
  },
  online: {
    weight: 5,
    arbitrary: fc
      .record({ blocks, type: maybe(fc.constantFrom("online", "kernel", "movable")) })
      .map(({ blocks, type }) => (named) => ({ op: "online", blocks: blocks(named), ...given({ type }) })),
  },
  // Emptying many blocks takes longer than anything else.
  offline: {
    weight: 2,
    arbitrary: blocks.map((blocks) => (named) => ({ op: "offline", blocks: blocks(named) })),
  },
  probe: {
    weight: 2,
    arbitrary: fc.record({ at: fc.nat(48), off: fc.nat(7) }).map(({ at, off }) => () => ({
      op: "probe",
      addr: `0x${(FIRST + at * BLOCK + (off === 0 ? 4096 : 0)).toString(16)}`,
    })),
  },
  memlog: {
    weight: 2,
    arbitrary: fc
      .record({
        verb: fc.constantFrom("add", "adddrv", "addbad", "remove", "offrem", "hold", "drop", "holdpin", "unpin"),
        node,
        at: fc.nat(48),
        blocks: fc.integer({ min: 1, max: 3 }),
        pfn: fc.nat(262_143),
      })
      .map(({ verb, node, at, blocks, pfn }) => (named) => {
        const start = (FIRST + at * BLOCK).toString(16);
        const range = `${start} ${(blocks * BLOCK).toString(16)}`;
        const rest = verb === "hold" ? String(pfn % 4096) : verb === "holdpin" || verb === "unpin" ? pfn : range;
        return { op: "memlog", data: verb === "drop" ? verb : `${verb} ${node(named)} ${rest}` };
      }),
  },
};
