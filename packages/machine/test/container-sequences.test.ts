import { type Container, containersOf } from "@memhp/devices";
import { KernelBug, NOTIFY_BUS_CHECK, NOTIFY_DEVICE_CHECK } from "@memhp/acpi";
import { BlockState } from "@memhp/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bootMachine, type Machine, parseMachineSpec } from "../src/index.ts";
import { internalsOf } from "../src/machine.ts";

const spec = parseMachineSpec({
  memory: "2G",
  smp: 2,
  nodes: [{ nodeid: 0, mem: "2G", cpus: "0-1" }],
  slots: 2,
  maxmem: "4G",
  cmdline: "memhp_default_state=offline",
  containers: [
    {
      id: "c0",
      node: 1,
      memory: [{ id: "m0", size: "256M" }],
      containers: [{ id: "c1", node: 2, memory: [{ id: "m1", size: "128M" }] }],
    },
    { id: "c2", memory: [{ id: "m2", size: "128M" }] },
  ],
});

type Action =
  | { readonly do: "add"; readonly id: string; readonly notify: typeof NOTIFY_BUS_CHECK | typeof NOTIFY_DEVICE_CHECK }
  | { readonly do: "eject"; readonly id: string }
  | { readonly do: "switch"; readonly id: string; readonly online: boolean }
  | { readonly do: "blocks"; readonly id: string; readonly online: boolean };

const id = fc.constantFrom("c0", "c1", "c2");
const online = fc.boolean();
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constant("add" as const),
    id,
    notify: fc.constantFrom<typeof NOTIFY_BUS_CHECK | typeof NOTIFY_DEVICE_CHECK>(
      NOTIFY_BUS_CHECK,
      NOTIFY_DEVICE_CHECK,
    ),
  }),
  fc.record({ do: fc.constant("eject" as const), id }),
  fc.record({ do: fc.constant("switch" as const), id, online }),
  fc.record({ do: fc.constant("blocks" as const), id, online }),
);

const containerOf = (machine: Machine, id: string): Container => containersOf(machine).get(id) as Container;

function blocksIn(machine: Machine, { memory }: Container): number[] {
  return memory.flatMap(({ addr, sizeBytes }) => machine.blocksOf({ start: addr, size: sizeBytes }));
}

/** What `online` of the container's device reads, or undefined where there is none. */
function onlineFile(machine: Machine, { path }: Container): string | undefined {
  const busId = machine.acpi.namespace.byPath(path)?.busId ?? "";
  const read = machine.files.read(`/sys/devices/system/container/${busId}/online`);
  return read.ok ? read.value : undefined;
}

async function perform(machine: Machine, step: Action): Promise<void> {
  const container = containerOf(machine, step.id);
  const isInMachine = containersOf(machine).isInserted(container);
  const wasOnline = onlineFile(machine, container) === "1\n";
  if (step.do === "add") await containersOf(machine).insert(step.id, step.notify);
  else if (step.do === "blocks") await machine.bulk(step.online ? "online" : "offline", blocksIn(machine, container));
  else if (step.do === "switch") {
    const busId = machine.acpi.namespace.byPath(container.path)?.busId ?? "";
    await machine.write(`/sys/devices/system/container/${busId}/online`, step.online ? "1" : "0");
  } else {
    const ejected = await containersOf(machine).eject(step.id);
    // Only its own device is asked at the eject itself (facts §6.5).
    if (!isInMachine) expect(ejected).toMatchObject({ ok: false, refusal: { errno: "ENODEV" } });
    else expect(ejected).toMatchObject({ ok: true, value: { errno: wasOnline ? "EBUSY" : 0 } });
  }
}

/** Nothing stays of what is not in the machine, and the kernel has only memory that is in a container. */
function check(machine: Machine): void {
  for (const container of containersOf(machine).list()) {
    const isInMachine = containersOf(machine).isInserted(container);
    if (isInMachine) continue;
    expect([container.id, onlineFile(machine, container)]).toEqual([container.id, undefined]);
    expect(blocksIn(machine, container)).toEqual([]);
  }
  const plugged = machine.pluggedMemory().map(({ addr, sizeBytes }) => `${addr}+${sizeBytes}`);
  const ram = internalsOf(machine)
    .parts.physical.iomem.view()
    .filter(({ name, start }) => name === "System RAM" && start >= 2 ** 32);
  expect(plugged).toEqual(expect.arrayContaining(ram.map(({ start, end }) => `${start}+${end + 1 - start}`)));
  for (const node of machine.map.nodes.values()) {
    const hasBlocks = [...machine.map.blocks.ids()].some((block) => machine.map.blocks.node(block) === node.id);
    expect([node.id, node.online]).toEqual([node.id, hasBlocks]);
  }
}

const isOnline = (machine: Machine, container: Container): boolean =>
  blocksIn(machine, container).some((block) => machine.map.blocks.state(block) === BlockState.online);

test.each(["4.1", "6.1", "6.12"])(
  "%s: random checks, ejects, onlines and offlines leave no half of a container",
  async (kernel) => {
    const checked = fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), async (steps) => {
        const machine = await bootMachine(spec, { kernel });
        for (const step of steps) {
          const container = containerOf(machine, step.id);
          const isFatal =
            step.do === "eject" && onlineFile(machine, container) === "0\n" && isOnline(machine, container);
          if (isFatal) {
            // Memory that came online after its container went offline is a BUG to the kernel (facts §5.2).
            await expect(containersOf(machine).eject(step.id)).rejects.toThrow(KernelBug);
            return;
          }
          await perform(machine, step);
          check(machine);
        }
      }),
      { seed: 65, numRuns: 60 },
    );
    await expect(checked).resolves.toBeUndefined();
  },
);
