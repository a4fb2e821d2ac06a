import type { SimEvent } from "@memhp/abi";
import { EventSequence, readDocument, runDocument } from "@memhp/scenario";
import { expect, test } from "vitest";

async function messagesOf(steps: readonly object[]): Promise<string[]> {
  const sequence = new EventSequence();
  const document = readDocument(
    {
      format: "memhp-scenario/1",
      kernel: "6.12",
      machine: { nodes: { count: 1, memory: "1G" }, slots: 2, maxmem: "4G", balloon: true },
      steps: [{ op: "write", path: "/sys/devices/system/memory/auto_online_blocks", data: "offline" }, ...steps],
    },
    "sequence",
  );
  await runDocument(document, { onEvent: (event: SimEvent) => sequence.add(event) });
  return sequence.finish("").messages.map(({ from, to, text, isTrouble }) => {
    return `${from} → ${to}: ${text}${isTrouble === true ? " !" : ""}`;
  });
}

test("a DIMM in and out: firmware asks, the kernel tells udev, and answers firmware last (facts §6.3, §2.10)", async () => {
  const said = await messagesOf([
    { op: "dimm_add", id: "d0", size: "256M", node: 0 },
    { op: "dimm_del", id: "d0" },
  ]);
  const order = [
    "firmware → kernel: device check: d0",
    "kernel → user: add@memory32-33",
    "kernel → firmware: _OST d0: success (0x0)",
    "firmware → kernel: eject request: d0",
    "kernel → firmware: _OST d0: in progress (0x84)",
    "kernel → user: remove@memory32-33",
    "firmware → monitor: DEVICE_DELETED d0",
  ];
  expect(said.filter((text) => order.includes(text))).toEqual(order);
  // facts §6.3: the answer to an eject that went through.
  expect(said.at(-1)).toMatch(/^kernel → firmware: _OST .*success \(0x0\)$/);
});

test("a callback that refuses answers the kernel, and the chain is told that it came to nothing (facts §7)", async () => {
  const said = await messagesOf([
    { op: "dimm_add", id: "d0", size: "128M", node: 0 },
    { op: "inject", action: "MEM_GOING_ONLINE", errno: "ENOMEM" },
    { op: "block", n: 32, v: "online" },
  ]);
  const from = said.findIndex((text) => text.includes("MEM_GOING_ONLINE"));
  expect(said.slice(from).filter((text) => /GOING|CANCEL|state/.test(text))).toEqual([
    "kernel → notifier: MEM_GOING_ONLINE",
    "notifier → kernel: memory-notifier-error-inject: ENOMEM to MEM_GOING_ONLINE !",
    "kernel → notifier: MEM_CANCEL_ONLINE",
    "kernel → user: online > memory32/state: ENOMEM (Cannot allocate memory) !",
  ]);
});

test("a balloon's size goes to the monitor, and a reset comes from it", async () => {
  const said = await messagesOf([
    { op: "insmod", mod: "virtio_balloon" },
    { op: "balloon", size: "512M" },
    { op: "reset" },
  ]);
  expect(said.filter((text) => text.includes("monitor"))).toEqual([
    "kernel → monitor: balloon0 leaves 512M",
    "monitor → kernel: the guest is reset",
  ]);
});
