import type { Refusal, RefusalCode } from "@memhp/abi";
import { dimmsOf } from "@memhp/devices";
import { bootMachine, type Machine, type MachineOptions, parseMachineSpec } from "@memhp/machine";

/** A document of the workspace whose run meets the refusal, or what a program does to meet it. */
export type RefusalExample = string | { readonly asked: string; readonly refusal: () => Promise<Refusal | undefined> };

const SCENARIOS = "packages/scenario/examples";
const TRACES = "tools/conformance/kernel-traces";
const MEMORY = "/sys/devices/system/memory";

/** Where each refusal can be met. A code without an example is a type error. */
export const refusalExamples: Readonly<Record<RefusalCode, RefusalExample>> = {
  bad_word: "apps/cli/examples/first-dimm.yaml",
  already_in_state: {
    asked: "echo online > memory0/state, twice online",
    refusal: async () =>
      onMachine(
        { kernel: "6.12" },
        async (machine) => (await machine.files.write(`${MEMORY}/memory0/state`, "online")).refusal,
      ),
  },
  not_adjacent: `${SCENARIOS}/middle-block.yaml`,
  mixed_zones: "examples/reports/first-block.yaml",
  memory_hole: `${TRACES}/6.12/c_oom_offline.json`,
  unmovable_page: `${SCENARIOS}/caches.yaml`,
  pinned_page: {
    asked: "echo ADDRESS > soft_offline_page, for a page that somebody holds",
    refusal: async () => onMachine({ kernel: "6.12" }, pinnedPage),
  },
  no_target_memory: "examples/reports/small-guest.yaml",
  notifier_veto: `${SCENARIOS}/in-kernel.yaml`,
  timeout: `${TRACES}/4.1/z-pinned-eject.json`,
  signal: `${SCENARIOS}/signal.yaml`,
  poisoned: `${TRACES}/6.12-ppc64el/p_hwpoison.json`,
  last_normal_memory: {
    asked:
      "echo online_movable > state of the only normal memory of a node, on a 4.1 that was built without MOVABLE_NODE",
    refusal: async () => onMachine({ kernel: "4.1-nomn" }, lastNormal),
  },
  no_ram_resource: `${TRACES}/4.1/page-offline.json`,
  unaligned: `${SCENARIOS}/in-kernel.yaml`,
  overlap: `${TRACES}/4.1/probe-then-dimm.json`,
  no_such_node: `${TRACES}/6.12/l_add_memory_errnos.json`,
  out_of_range: `${TRACES}/4.1/probe.json`,
  eject_disabled: `${TRACES}/6.12/x_acpi_hotplug_profile.json`,
  container_busy: `${SCENARIOS}/node-hotplug.yaml`,
  no_slot: `${TRACES}/6.12/n_qmp_refusals.json`,
  read_only: `${TRACES}/6.12/f_params.json`,
  write_only: {
    asked: "cat /sys/devices/system/memory/probe",
    refusal: async () =>
      onMachine({ kernel: "4.1" }, async (machine) => refusalOf(machine.files.read(`${MEMORY}/probe`))),
  },
  no_entry: {
    asked: "cat /sys/devices/system/memory/memory777/state",
    refusal: async () =>
      onMachine({ kernel: "6.12" }, async (machine) => refusalOf(machine.files.read(`${MEMORY}/memory777/state`))),
  },
  on_purpose: {
    asked: "echo offline > memory4/state, after a fault was asked for there",
    refusal: async () =>
      onMachine({ kernel: "6.12" }, async (machine) => {
        machine.faults.add({
          path: `${MEMORY}/memory4/state`,
          operation: "write",
          errno: "EBUSY",
          when: { kind: "always" },
        });
        return (await machine.write(`${MEMORY}/memory4/state`, "offline")).refusal;
      }),
  },
  not_built: {
    asked: "echo offline > memory4/state, on a kernel that was built without MEMORY_HOTREMOVE",
    refusal: async () =>
      onMachine(
        { kernel: "6.12", config: { MEMORY_HOTREMOVE: false } },
        async (machine) => (await machine.files.write(`${MEMORY}/memory4/state`, "offline")).refusal,
      ),
  },
};

async function onMachine(
  options: MachineOptions,
  ask: (machine: Machine) => Promise<Refusal | undefined>,
): Promise<Refusal | undefined> {
  const nodes = [
    { nodeid: 0, mem: "1G", cpus: "0" },
    { nodeid: 1, cpus: "1" },
  ];
  const cmdline = "memhp_default_state=offline";
  const machine = await bootMachine(
    parseMachineSpec({ memory: "1G", slots: 4, maxmem: "8G", smp: 2, nodes, cmdline }),
    options,
  );
  try {
    return await ask(machine);
  } finally {
    await machine.close();
  }
}

function refusalOf(result: { readonly ok: boolean; readonly refusal?: Refusal }): Refusal | undefined {
  return result.refusal;
}

async function pinnedPage(machine: Machine): Promise<Refusal | undefined> {
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 2 ** 27, node: 0 });
  await machine.online(32, "movable");
  await machine.pages.loads.start({ id: "db", kind: "anon", sizeBytes: 2 ** 20, policy: { mode: "bind", nodes: [0] } });
  const { blockPages } = machine.map;
  const runs = await machine.pages.runs(32 * blockPages, blockPages);
  const pfn = runs.find(({ page }) => page?.kind === "anonymous")?.startPfn ?? 0;
  await machine.pages.reference(pfn, 1);
  return (await machine.files.write(`${MEMORY}/soft_offline_page`, `0x${(pfn * 4096).toString(16)}`)).refusal;
}

async function lastNormal(machine: Machine): Promise<Refusal | undefined> {
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 2 ** 27, node: 1 });
  return (await machine.files.write(`${MEMORY}/memory32/state`, "online_movable")).refusal;
}
