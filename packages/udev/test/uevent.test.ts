import { expect, test } from "vitest";
import { monitorText, netlinkText, ueventNumbering } from "../src/index.ts";

const event = {
  type: "uevent",
  action: "add",
  devpath: "/devices/system/memory/memory32",
  subsystem: "memory",
  atNs: 1_234_567_891,
  node: -1,
  seq: 0,
} as const;

test("a uevent as udevadm monitor --property prints it", () => {
  const number = ueventNumbering(1500);
  expect(number({ ...event, type: "log", level: 6, text: "" } as never)).toBe(undefined);
  const uevent = number(event);
  if (uevent === undefined) throw new Error("not numbered");
  expect(monitorText("KERNEL", uevent)).toBe(
    "KERNEL[1.234567] add      /devices/system/memory/memory32 (memory)\n" +
      "ACTION=add\nDEVPATH=/devices/system/memory/memory32\nSUBSYSTEM=memory\nSEQNUM=1500\n\n",
  );
  expect(monitorText("UDEV", uevent, 2e9)).toContain("UDEV  [2.000000] add ");
  expect(netlinkText(uevent)).toBe(
    "add@/devices/system/memory/memory32\0ACTION=add\0DEVPATH=/devices/system/memory/memory32\0SUBSYSTEM=memory\0SEQNUM=1500\0",
  );
});
