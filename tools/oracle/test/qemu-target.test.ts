import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readBoard } from "../src/qemu/board.ts";
import { type QemuOptions, QemuError, startQemu } from "../src/qemu/qemu-target.ts";

const fake: QemuOptions = {
  board: readBoard({ memory: "1G" }),
  kernel: "vmlinuz",
  agent: "/dev/null",
  qemu: fileURLToPath(new URL("fake-qemu.mjs", import.meta.url)),
};
const memlog = { name: "memlog", bytes: new Uint8Array() };

test("a machine that came up has a monitor and a guest", async () => {
  const target = await startQemu({ ...fake, modules: [memlog] });
  expect(await target.guest.read("/sys/devices/system/memory/block_size_bytes")).toMatchObject({ data: "8000000\n" });
  expect(await target.monitor.execute("query-version")).toEqual({ return: { qemu: "fake" } });
  expect(await target.monitor.execute("migrate")).toMatchObject({ error: { class: "CommandNotFound" } });
  await target.close();
  await expect(target.guest.read("/x")).rejects.toThrow("QEMU ended");
  await expect(target.monitor.execute("query-version")).rejects.toThrow("the monitor closed the connection");
});

test("a guest that does not come up ends QEMU and leaves no folder", async () => {
  const folders = (): string[] =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`memhp-oracle-${process.pid}-`));
  await expect(
    startQemu({ ...fake, board: readBoard({ memory: "1G", extra: ["-fake", "silent"] }), bootMs: 300 }),
  ).rejects.toThrow(/boot: no answer/);
  expect(folders()).toEqual([]);
});

test("a recording module that the kernel refuses is an error: its notifications would be missing", async () => {
  await expect(
    startQemu({ ...fake, board: readBoard({ memory: "1G", extra: ["-fake", "no-module"] }), modules: [memlog] }),
  ).rejects.toThrow(/insmod memlog: ENOEXEC/);
});

test("a QEMU that is not there is said so", async () => {
  await expect(startQemu({ ...fake, qemu: "/nowhere/qemu" })).rejects.toThrow(/ENOENT/);
});

test("a QEMU that ends at once is quoted", async () => {
  // Node knows none of QEMU's options.
  const failed = startQemu({ ...fake, qemu: process.execPath });
  await expect(failed).rejects.toThrow(QemuError);
  await expect(failed).rejects.toThrow(/QEMU ended before it listened[^]*bad option/);
});
