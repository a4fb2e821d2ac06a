import { expect, test } from "vitest";
import { logRecordOf, ueventOf } from "../src/qemu/kernel-messages.ts";

const message = (...parts: string[]): string => parts.map((part) => `${part}\0`).join("");

test("a uevent of a block or node is one text", () => {
  const path = "/devices/system/memory/memory32";
  expect(ueventOf(message(`add@${path}`, "ACTION=add", `DEVPATH=${path}`, "SUBSYSTEM=memory", "SEQNUM=1200"))).toBe(
    `add@${path}`,
  );
});

test("a synthetic uevent keeps what the writer said", () => {
  expect(
    ueventOf(message("change@/devices/system/memory/memory1", "SUBSYSTEM=memory", "SYNTH_UUID=0", "SEQNUM=7")),
  ).toEqual({ uevent: "change@/devices/system/memory/memory1", SUBSYSTEM: "memory", SYNTH_UUID: "0" });
});

test("a uevent of another subsystem names it", () => {
  expect(ueventOf(message("add@/module/notifier_error_inject", "SUBSYSTEM=module", "SEQNUM=9"))).toEqual({
    uevent: "add@/module/notifier_error_inject",
    SUBSYSTEM: "module",
  });
});

test("the recording module's lines are notifications: all fields of early, the call of late", () => {
  expect(logRecordOf("6,512,99,-;memlog: early MEM_GOING_ONLINE 1048576 32768 -1 1\n")).toEqual({
    notification: {
      notifier: "early",
      action: "MEM_GOING_ONLINE",
      start_pfn: 1048576,
      nr_pages: 32768,
      status_change_nid_normal: -1,
      status_change_nid: 1,
    },
  });
  expect(logRecordOf("6,513,99,-;memlog: late MEM_CANCEL_ONLINE\n")).toEqual({
    notification: { notifier: "late", action: "MEM_CANCEL_ONLINE" },
  });
});

test("other lines of the kernel are its log, without the variables behind them", () => {
  expect(logRecordOf("4,700,12,-;memory memory32: Offline failed.\n SUBSYSTEM=memory\n")).toEqual({
    text: "memory memory32: Offline failed.",
  });
});

test("lines of programs are not the kernel's", () => {
  expect(logRecordOf("12,700,12,-;systemd[1]: hello\n")).toBeUndefined();
});

test("kernels with a chain for nodes tell nodes there, and no node numbers with memory", () => {
  const notified = (line: string) => logRecordOf(`6,512,99,-;memlog: ${line}\n`);
  expect(notified("early NODE_ADDING_FIRST_MEMORY 1")).toEqual({
    notification: { notifier: "early", action: "NODE_ADDING_FIRST_MEMORY", nid: 1 },
  });
  expect(notified("late NODE_REMOVED_LAST_MEMORY")).toEqual({
    notification: { notifier: "late", action: "NODE_REMOVED_LAST_MEMORY" },
  });
  expect(notified("early MEM_GOING_ONLINE 1048576 32768")).toEqual({
    notification: { notifier: "early", action: "MEM_GOING_ONLINE", start_pfn: 1048576, nr_pages: 32768 },
  });
  expect(notified("pfn 100000 flags 0 refcount 1")).toEqual({ text: "memlog: pfn 100000 flags 0 refcount 1" });
});
