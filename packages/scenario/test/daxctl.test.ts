import { expect, test } from "vitest";
import { runDocument, readDocument } from "../src/index.ts";
import { any, guest, read, refuses, runSteps, says, type Situation } from "./reports/situation.ts";

const daxctl = (command: string, more: object = {}): object => ({ op: "daxctl", id: "dax0.0", do: command, ...more });
const machine = { ...guest, dax: [{ size: "512M" }] };
const online = { ...machine, cmdline: "memhp_default_state=online" };

const loaded = { result: { rc: 0 } };

/** daxctl, file by file (facts/peer-programs.md §7), and what it meets. */
const situations: readonly Situation[] = [
  [
    "a device becomes memory and a device again; what is online keeps it, unless daxctl is told to take it offline first",
    "6.1",
    machine,
    [
      daxctl("reconfigure-device", { mode: "system-ram" }),
      read("memory${dax0.0.first}/valid_zones"),
      daxctl("reconfigure-device", { mode: "devdax" }),
      daxctl("offline-memory"),
      { op: "online", blocks: "dax:dax0.0", type: "kernel" },
      daxctl("reconfigure-device", { mode: "devdax", force: true }),
      read("memory${dax0.0.first}/state"),
    ],
    [
      { result: { errno: 0, driver: "kmem", online: 4, total: 4 } },
      says("Movable"),
      { result: { errno: "EBUSY", driver: "kmem", online: 4 } },
      { result: { errno: 0, online: 0, total: 4 } },
      { result: { onlined: 4 } },
      { result: { errno: 0, driver: "device_dax", total: 0 } },
      { result: { errno: "ENOENT" } },
    ],
  ],
  [
    "a policy that onlines by itself stops daxctl, unless it is told to go on; then it finds the blocks where it did not want them",
    "6.12",
    online,
    [daxctl("reconfigure-device"), daxctl("reconfigure-device", { force: true }), { op: "rmmod", mod: "kmem" }],
    [
      { result: { errno: "EBUSY", said: expect.stringContaining("auto_online_blocks is online") as unknown } },
      { result: { online: 4, total: 4 } },
      { ...refuses("EBUSY", "already_in_state"), result: { rc: 0 } },
    ],
  ],
  [
    "blocks that need not be movable; a page of the kernel keeps one, and with it the device",
    "6.12",
    machine,
    [
      daxctl("reconfigure-device", { movable: false }),
      { op: "kernel_pages", blocks: "${dax0.0.first}" },
      daxctl("offline-memory"),
      { op: "dax", id: "dax0.0", action: "destroy" },
    ],
    [
      { result: { errno: 0, online: 4 } },
      any,
      { result: { errno: "EBUSY", online: 1, failed: [{ errno: "EBUSY" }] } },
      { ...refuses("EBUSY"), result: { errno: "EBUSY", online: 1, total: 4 } },
    ],
  ],
  [
    "4.1 has no kmem",
    "4.1",
    machine,
    [{ op: "insmod", mod: "kmem" }, daxctl("online-memory")],
    [{ ...refuses("ENOENT", "no_entry"), result: { rc: 1 } }, { result: { errno: "ENODEV" } }],
  ],
  [
    "a region that grows, is taken apart and made again",
    "7.3",
    { ...guest, dax: [{ source: "cxl", size: "512M", region: "1G" }] },
    [
      { op: "dax", id: "dax0.0", action: "resize", size: "1G" },
      { op: "insmod", mod: "kmem" },
      { op: "dax", id: "dax0.0", action: "destroy" },
      { op: "dax", id: "dax0.0", action: "add" },
    ],
    [
      { result: { errno: 0, size: 2 ** 30, driver: null } },
      loaded,
      { result: { errno: 0, driver: null } },
      { result: { errno: 0, driver: "kmem", total: 4 } },
    ],
  ],
];

test.for(situations)("%s", async ([, kernel, machine, steps, answers]) => {
  expect(await runSteps(kernel, machine, steps)).toMatchObject(answers);
});

test("operands that a command of daxctl does not have are refused with their place", async () => {
  const refused = (step: object): Promise<unknown> =>
    (async () =>
      runDocument(
        readDocument({ format: "memhp-scenario/1", name: "x", kernel: "6.12", machine, steps: [step] }, "x"),
      ))();
  await expect(refused(daxctl("online-memory", { mode: "devdax" }))).rejects.toThrow(
    "daxctl: mode: of reconfigure-device alone",
  );
  await expect(refused({ op: "dax", id: "dax0.0", action: "resize" })).rejects.toThrow("dax: size is missing");
});
