import { type AcpiDeviceDescription, createNamespace } from "@memhp/acpi";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bench, bench, BLOCK, emptySlot, HIGH, kernels, stateOf } from "./fake-kernel.ts";

const BRD = "\\_SB_.BRD0";
const SLOTS = 3;
const BLOCKS_PER_SLOT = 4;
const slotPath = (slot: number): string => `${BRD}.MEM${slot}`;
const firstBlock = (slot: number): number => HIGH + slot * BLOCKS_PER_SLOT;

type Step =
  | { readonly do: "insert"; readonly slot: number; readonly blocks: number }
  | { readonly do: "notify"; readonly slot: number; readonly value: 0 | 1 | 3 }
  | { readonly do: "sysfs eject"; readonly slot: number }
  | { readonly do: "online" | "offline"; readonly block: number }
  | { readonly do: "busy"; readonly block: number; readonly times: number }
  | { readonly do: "enable"; readonly enabled: boolean }
  | { readonly do: "container"; readonly online: boolean }
  | { readonly do: "notify container"; readonly value: 0 | 1 | 3 }
  | { readonly do: "refill container" }
  | { readonly do: "settle" };

const slot = fc.nat({ max: SLOTS - 1 });
const block = fc.nat({ max: SLOTS * BLOCKS_PER_SLOT - 1 }).map((n) => HIGH + n);
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ do: fc.constant("insert"), slot, blocks: fc.integer({ min: 1, max: BLOCKS_PER_SLOT }) }),
    fc.record({ do: fc.constant("notify"), slot, value: fc.constantFrom(0, 1, 3, 3) }),
    fc.record({ do: fc.constant("sysfs eject"), slot }),
    fc.record({ do: fc.constantFrom("online", "online", "offline"), block }),
    fc.record({ do: fc.constant("busy"), block, times: fc.nat({ max: 3 }) }),
    fc.record({ do: fc.constant("enable"), enabled: fc.boolean() }),
    fc.record({ do: fc.constant("container"), online: fc.boolean() }),
    fc.record({ do: fc.constant("notify container"), value: fc.constantFrom(0, 1, 3) }),
    fc.record({ do: fc.constant("refill container") }),
    fc.record({ do: fc.constant("settle") }),
  ),
  { maxLength: 40 },
);

/** Events that were put on the queue, as path and source. */
type Queued = { readonly path: string; readonly source: number }[];

const playStep: {
  readonly [D in Step["do"]]: (made: Bench, step: Extract<Step, { do: D }>, queued: Queued) => Promise<void>;
} = {
  async insert({ acpi }, { slot, blocks }, queued) {
    const path = slotPath(slot);
    await acpi.idle();
    if (acpi.namespace.byPath(path)?.methods._STA !== 0) return;
    const _CRS = [{ type: "memory" as const, start: firstBlock(slot) * BLOCK, size: blocks * BLOCK }];
    acpi.namespace.set(path, { _STA: 0xf, _CRS });
    queued.push({ path, source: 1 });
    void acpi.notify(path, 1);
  },
  async notify({ acpi }, { slot, value }, queued) {
    queued.push({ path: slotPath(slot), source: value });
    void acpi.notify(slotPath(slot), value);
  },
  async "sysfs eject"({ acpi }, { slot }, queued) {
    if (acpi.requestEject(slotPath(slot)).ok) queued.push({ path: slotPath(slot), source: 0x103 });
  },
  async online(made, { block }) {
    await made.acpi.idle();
    // Memory that comes online in an offline container makes its eject a kernel BUG; that has a test of its own.
    if (made.kernel.blocks.has(block) && made.state(BRD) !== "attached.offline") made.kernel.online(block);
  },
  async offline({ acpi, kernel }, { block }) {
    await acpi.idle();
    if (kernel.blocks.has(block)) kernel.blocks.set(block, "offline");
  },
  busy: async ({ kernel }, { block, times }) => void kernel.busy.set(block, times),
  enable: async ({ acpi }, { enabled }) => acpi.setHotplugEnabled("memory", enabled),
  async container({ acpi, state }, { online }) {
    await acpi.idle();
    if (state(BRD).startsWith("attached.")) await acpi.setContainerOnline(BRD, online);
  },
  async "notify container"({ acpi }, { value }, queued) {
    queued.push({ path: BRD, source: value });
    void acpi.notify(BRD, value);
  },
  async "refill container"({ acpi }, _step, queued) {
    await acpi.idle();
    acpi.namespace.set(BRD, { _STA: 0xf });
    queued.push({ path: BRD, source: 0 });
    void acpi.notify(BRD, 0);
  },
  settle: ({ acpi }) => acpi.idle(),
};

/** Every block belongs to the one slot that holds it, and every slot that holds memory has all of its blocks. */
function expectMemoryConserved({ acpi, kernel, state }: Bench): void {
  const held: number[] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    const path = slotPath(slot);
    const nodes = [...(acpi.device(path)?.physicalNodes ?? [])].map(({ device }) =>
      Number(/\d+$/.exec(device.devpath)?.[0]),
    );
    const [range] = acpi.namespace.byPath(path)?.methods._CRS ?? [];
    const blocks =
      typeof range === "object" ? Array.from({ length: range.size / BLOCK }, (_, i) => firstBlock(slot) + i) : [];
    expect(nodes).toEqual(state(path) === "attached" ? blocks : []);
    for (const id of nodes) expect(acpi.companionOf(id)?.node.path).toBe(path);
    held.push(...nodes);
  }
  expect([...kernel.blocks.keys()].toSorted((a, b) => a - b)).toEqual(held);
  const added = kernel.journal.filter((line) => line.startsWith("add@memory")).length;
  const removed = kernel.journal.filter((line) => line.startsWith("remove@memory")).length;
  expect(added - removed).toBe(held.length);
}

const FINAL_EJECT = [0x00, 0x01, 0x80, 0x82];

/** Every queued event has one final _OST, in order; an eject that began says so first, and nothing else comes between. */
function expectOneFinalOstEach({ kernel }: Bench, queued: Queued): void {
  let at = 0;
  for (const { path, source } of queued) {
    const isEject = source === 3 || source === 0x103;
    if (isEject && kernel.osts[at]?.status === 0x84) {
      expect(kernel.osts[at]).toEqual({ path, source: 3, status: 0x84 });
      at += 1;
    } else if (isEject) {
      // Only an eject that is disabled does not begin.
      expect(kernel.osts[at]?.status).toBe(0x80);
    }
    expect(kernel.osts[at]).toMatchObject({ path, source });
    if (isEject) expect(FINAL_EJECT).toContain(kernel.osts[at]?.status);
    at += 1;
  }
  expect(kernel.osts).toHaveLength(at);
}

test.each(kernels)(
  "%s: whatever comes and goes, no memory is lost or doubled, and every eject ends in one final _OST",
  async (id) => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const slots = Array.from({ length: SLOTS }, (_, slot) => emptySlot(`MEM${slot}`));
        const made = bench(id, [
          { name: "BRD0", _HID: "ACPI0004", _STA: 0xf, _EJ0: true, _OST: true, children: slots },
        ]);
        await made.acpi.boot();
        const queued: Queued = [];
        for (const step of sequence) await playStep[step.do](made, step as never, queued);
        await made.acpi.idle();
        expectMemoryConserved(made);
        expectOneFinalOstEach(made, queued);
        const moving = [...made.acpi.devices()].filter((device) => device.kind !== "plain" && !device.life.has("rest"));
        expect(moving.map(stateOf)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  },
);

test("the same steps make the same journal", async () => {
  const play = async (sequence: readonly Step[]): Promise<readonly string[]> => {
    const made = bench("6.12", [
      { name: "BRD0", _HID: "ACPI0004", _OST: true, children: [0, 1, 2].map((n) => emptySlot(`MEM${n}`)) },
    ]);
    for (const step of sequence) await playStep[step.do](made, step as never, []);
    await made.acpi.idle();
    return made.kernel.journal;
  };
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      expect(await play(sequence)).toEqual(await play(sequence));
    }),
    { numRuns: 50 },
  );
});

test("a namespace of any shape has one bus id and one path for each device", () => {
  const devices = (depth: number): fc.Arbitrary<AcpiDeviceDescription[]> =>
    fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[A-Z][A-Z0-9]{0,3}$/),
        _HID: fc.constantFrom("PNP0C80", "ACPI0004", "PNP0A06"),
        children: depth === 0 ? fc.constant([]) : devices(depth - 1),
      }),
      { maxLength: 4, selector: ({ name }) => name },
    );
  fc.assert(
    fc.property(devices(3), (devices) => {
      const namespace = createNamespace({ devices });
      for (const node of namespace.nodes) {
        expect(namespace.byPath(node.path)).toBe(node);
        expect(namespace.byBusId(node.busId)).toBe(node);
      }
    }),
  );
});
