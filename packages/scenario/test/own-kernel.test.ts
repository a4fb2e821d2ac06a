import { type Kernel, kernelOf, kernels } from "@memhp/kernels";
import { parseDocument, runDocument, type TraceStep } from "@memhp/scenario";
import { expect, test } from "vitest";

const linux612 = kernelOf("6.12");

/** 6.12 that offlines as 4.1 does: bounded, and by its rules of where pages may go. */
const patched: Kernel = {
  ...linux612,
  id: "6.12-patched",
  title: "6.12, patched",
  about: "of this test alone",
  zones: { ...linux612.zones, removableFile: "page-scan" },
  sysfs: { ...linux612.sysfs, redundantStateWrite: "returns-1" },
  hotplug: { ...linux612.hotplug, extraActions: [] },
};

const text = `
format: memhp-scenario/1
name: a kernel of one's own
kernel: 6.12-patched
machine: { nodes: { count: 1, memory: 1G }, slots: 1, maxmem: 2G, cmdline: memhp_default_state=offline }
steps:
  - { op: dimm_add, id: d0, size: 128M }
  - { op: block, n: 32, v: online_movable }
  - { op: block, n: 32, v: online_movable }
  - { op: read, path: /sys/devices/system/memory/memory0/removable }
`;

function actionsOf(step: TraceStep | undefined): Set<unknown> {
  const calls = (step?.notifications ?? []) as readonly { readonly action: string }[];
  return new Set(calls.map(({ action }) => action));
}

test("a kernel that only the caller knows is named by a document, boots, and does what its fields say", async () => {
  const document = parseDocument(text, "own.yaml", [...kernels, patched]);
  const { trace } = await runDocument(document, { kernel: patched });
  expect(trace.kernel).toBe("6.12-patched");
  const [, first, again, removable] = trace.steps;
  expect(again?.result).toMatchObject({ ret: 1, errno: 0 });
  expect(removable?.result).toMatchObject({ data: "0\n" });
  expect(actionsOf(first)).toEqual(new Set(["MEM_GOING_ONLINE", "MEM_ONLINE"]));
});

test("6.12 itself differs in just that", async () => {
  const { trace } = await runDocument(parseDocument(text.replace("6.12-patched", '"6.12"'), "612.yaml"));
  const [, first, again, removable] = trace.steps;
  expect(again?.result).toMatchObject({ ret: -1, errno: "EINVAL" });
  expect(removable?.result).toMatchObject({ data: "1\n" });
  expect(actionsOf(first)).toContain("MEM_PREPARE_ONLINE");
});

test("a document that names it is refused by those that do not know it", () => {
  expect(() => parseDocument(text, "own.yaml")).toThrow(
    'own.yaml: kernel: "6.12-patched" is not known (allowed: 4.1, 4.1-nomn, 4.18, 5.4, 5.10, 5.14, 5.15, 6.1, 6.6, 6.8, 6.12, 7.3',
  );
});
