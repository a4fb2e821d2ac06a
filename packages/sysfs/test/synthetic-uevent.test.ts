import { describe, expect, test } from "vitest";
import { createTree } from "../src/index.ts";
import { dimmDevpath, fakeAcpi } from "./fake-acpi.ts";
import { fakePort } from "./fake-port.ts";

const UEVENT = "/sys/devices/system/memory/memory1/uevent";
const uuid = "12345678-1234-1234-1234-123456789abc";

async function write(kernel: string, data: string, path: string = UEVENT) {
  const port = fakePort({ kernel, blocks: [{ id: 1 }] });
  const { ret, errno } = await createTree(port).write(path, data);
  return { ret, errno, sent: port.uevents, log: port.logged };
}

describe("6.x", () => {
  test("an action alone carries SYNTH_UUID=0", async () => {
    const sent = [{ uevent: "change@/devices/system/memory/memory1", env: { SYNTH_UUID: "0" } }];
    expect(await write("6.1", "change\n")).toEqual({ ret: 7, errno: 0, sent, log: [] });
  });

  test("a UUID and variables come back with their names", async () => {
    const { sent } = await write("6.1", `add ${uuid} A=1 Key9=value`);
    expect(sent[0]?.env).toEqual({ SYNTH_UUID: uuid, SYNTH_ARG_A: "1", SYNTH_ARG_Key9: "value" });
  });

  test.each([
    "add ",
    "add 0",
    `add ${uuid}  A=1`,
    `add ${uuid} A`,
    `add ${uuid} A=`,
    `add ${uuid} A_B=1`,
    `add ${uuid} `,
  ])("%j has arguments that are none", async (data) => {
    expect(await write("6.12", data)).toEqual({
      ret: -1,
      errno: "EINVAL",
      sent: [],
      log: [
        "synth uevent: /devices/system/memory/memory1: incorrect uevent action arguments",
        "memory memory1: uevent: failed to send synthetic uevent: -22",
      ],
    });
  });

  test("the root of the subsystem takes an action and tells nobody (6.1: g_readonly)", async () => {
    const root = "/sys/devices/system/memory/uevent";
    expect(await write("6.1", "add", root)).toEqual({ ret: 3, errno: 0, sent: [], log: [] });
  });

  test("a bus tells of itself (n_uevent_synth)", async () => {
    const sent = [{ uevent: "add@/bus/memory", env: { SYNTH_UUID: "0" } }];
    expect(await write("6.1", "add", "/sys/bus/memory/uevent")).toEqual({ ret: 3, errno: 0, sent, log: [] });
  });

  test("an ACPI device shows MODALIAS, and carries it in its events (n_acpi_sysfs_eject)", async () => {
    const port = fakePort({ kernel: "6.1" });
    const tree = createTree(port, { acpi: fakeAcpi() });
    const path = `/sys${dimmDevpath}/uevent`;
    expect(tree.read(path)).toMatchObject({ ok: true, value: "MODALIAS=acpi:PNP0C80:\n" });
    await tree.write(path, "change");
    expect(port.uevents[0]?.env).toEqual({ SYNTH_UUID: "0", MODALIAS: "acpi:PNP0C80:" });
  });

  test("an empty slot has no MODALIAS that would load a module", () => {
    const tree = createTree(fakePort({ kernel: "6.12" }), { acpi: fakeAcpi({ status: 0 }) });
    expect(tree.read(`/sys${dimmDevpath}/modalias`)).toMatchObject({ ok: true, value: "" });
    expect(tree.read(`/sys${dimmDevpath}/uevent`)).toMatchObject({ ok: true, value: "MODALIAS=\n" });
  });

  test("bind is an action there", async () => {
    expect((await write("6.12", "bind")).ret).toBe(4);
  });
});

describe("4.1", () => {
  test("an action carries no variables", async () => {
    const { sent } = await write("4.1", "add");
    expect(sent).toEqual([{ uevent: "add@/devices/system/memory/memory1", env: {} }]);
  });

  test.each(["bogus", "bind", `add ${uuid}`])(
    "%j is logged, and the write succeeds (drivers/base/core.c)",
    async (data) => {
      const log = ["memory memory1: uevent: unknown action-string"];
      expect(await write("4.1", data)).toEqual({ ret: data.length, errno: 0, sent: [], log });
    },
  );
});
