import { dimmsOf } from "@memhp/devices";
import { MIB } from "@memhp/abi";
import { type LoadKind, loadKinds } from "@memhp/engine";
import fc from "fast-check";
import type { Machine } from "../src/index.ts";

/** One thing that programs, the kernel, firmware or an administrator do to memory. */
export type MemoryUse =
  | {
      readonly do: "load";
      readonly kind: LoadKind;
      readonly mib: number;
      readonly node: number;
      readonly bound: boolean;
    }
  | { readonly do: "unload"; readonly pick: number }
  | { readonly do: "unpin"; readonly pick: number }
  | { readonly do: "insert"; readonly node: number; readonly blocks: number }
  | { readonly do: "eject"; readonly pick: number }
  /** A block of which pages would have to move, where there is one. */
  | { readonly do: "offline"; readonly pick: number; readonly inUse: boolean }
  | { readonly do: "online"; readonly pick: number; readonly word: string }
  | { readonly do: "hugepages"; readonly node: number; readonly count: number }
  | { readonly do: "drop_caches"; readonly what: "1" | "2" | "3" }
  | { readonly do: "reference"; readonly pick: number; readonly at: number; readonly change: 1 | -1 }
  | { readonly do: "offline_page"; readonly kind: "soft" | "hard"; readonly pick: number; readonly at: number }
  | { readonly do: "wait"; readonly ms: number };

const pick = fc.nat(63);
const node = fc.nat(2);
const always = <T extends string>(word: T): fc.Arbitrary<T> => fc.constant(word);
export const memoryUse: fc.Arbitrary<MemoryUse> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: always("load"),
      kind: fc.constantFrom(...loadKinds.filter((kind) => kind !== "hugetlb_1g")),
      mib: fc.integer({ min: 1, max: 200 }),
      node,
      bound: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("unload" as const, "unpin" as const), pick }) },
  fc.record({ do: always("insert"), node, blocks: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: always("eject"), pick }),
  { weight: 4, arbitrary: fc.record({ do: always("offline"), pick, inUse: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: always("online"),
      pick,
      word: fc.constantFrom("online", "online_kernel", "online_movable"),
    }),
  },
  fc.record({ do: always("hugepages"), node: fc.nat(1), count: fc.nat(40) }),
  fc.record({ do: always("drop_caches"), what: fc.constantFrom("1" as const, "2" as const, "3" as const) }),
  fc.record({ do: always("reference"), pick, at: fc.nat(32_767), change: fc.constantFrom(1 as const, -1 as const) }),
  fc.record({
    do: always("offline_page"),
    kind: fc.constantFrom("soft" as const, "hard" as const),
    pick,
    at: fc.nat(32_767),
  }),
  fc.record({ do: always("wait"), ms: fc.integer({ min: 1, max: 3000 }) }),
);

const MEMORY = "/sys/devices/system/memory";

async function pickInUse(machine: Machine, at: number): Promise<number> {
  const surveys = await machine.pages.survey([...machine.map.blocks.ids()]);
  const inUse = surveys.filter(({ refusal, use }) => refusal === undefined && (use?.movable ?? 0) > 0);
  return inUse[at % Math.max(1, inUse.length)]?.block ?? 0;
}

/** @param index numbers the steps of a run, and names what they start. */
export async function useMemory(machine: Machine, step: MemoryUse, index: number): Promise<unknown> {
  const blocks = [...machine.map.blocks.ids()];
  const chosen = "pick" in step ? blocks.at(step.pick % blocks.length)! : 0;
  const { loads } = machine.pages;
  if (step.do === "load") {
    const policy = { mode: step.bound ? "bind" : "prefer", nodes: [step.node] } as const;
    const churn = index % 3 === 0 ? { churn: { fraction: 0.3, everyNs: 1e9 } } : {};
    return loads.start({ id: `l${index}`, kind: step.kind, sizeBytes: step.mib * MIB, policy, ...churn });
  }
  if (step.do === "unload" || step.do === "unpin") {
    const load = loads.list()[step.pick % Math.max(1, loads.list().length)];
    if (load === undefined) return undefined;
    return step.do === "unload" ? loads.end(load.id) : loads.unpin(load.id);
  }
  if (step.do === "insert") {
    const request = { id: `d${index}`, memdev: `m${index}`, sizeBytes: step.blocks * 128 * MIB, node: step.node };
    return dimmsOf(machine).insert(request);
  }
  if (step.do === "eject") {
    const dimm = dimmsOf(machine).list()[step.pick % Math.max(1, dimmsOf(machine).list().length)];
    if (dimm === undefined) return undefined;
    // A later kernel may try for ever: then whoever pins the pages lets go of them.
    const ejecting = dimmsOf(machine).eject(dimm.id);
    for (let round = 0; !(await machine.passUntil(ejecting, 300e9)); round++) {
      for (const load of loads.list()) await loads.end(load.id);
      if (round > 0) return "stuck";
    }
    return ejecting;
  }
  if (step.do === "offline") {
    const block = step.inUse ? await pickInUse(machine, step.pick) : chosen;
    return machine.write(`${MEMORY}/memory${block}/state`, "offline");
  }
  if (step.do === "online") return machine.write(`${MEMORY}/memory${chosen}/state`, step.word);
  if (step.do === "hugepages") {
    const { pageSize, board } = machine;
    return machine.pages.setHugepages(step.node, (2 ** board.arch.pageblockOrder * pageSize) / 1024, step.count);
  }
  if (step.do === "drop_caches") return machine.write("/proc/sys/vm/drop_caches", step.what);
  if (step.do === "wait") return machine.wait(step.ms * 1e6);
  const pfn = chosen * machine.map.blockPages + step.at;
  if (step.do === "reference") return machine.pages.reference(pfn, step.change);
  return machine.write(`${MEMORY}/${step.kind}_offline_page`, `0x${(pfn * machine.pageSize).toString(16)}`);
}
