import { expect, test } from "vitest";
import { S_IFCHR, S_IFDIR, S_IFREG, writeCpio } from "../src/qemu/cpio.ts";
import { buildInitramfs } from "../src/qemu/initramfs.ts";

interface Unpacked {
  readonly path: string;
  readonly mode: number;
  readonly nlink: number;
  readonly device: readonly number[];
  readonly data: string;
}

/** Unpacks as init/initramfs.c does: headers of 110 bytes, names and contents up to multiples of 4. */
function unpack(archive: Uint8Array): Unpacked[] {
  const bytes = Buffer.from(archive);
  const align = (at: number): number => Math.ceil(at / 4) * 4;
  const entries: Unpacked[] = [];
  for (let at = 0; at < bytes.length;) {
    expect(bytes.toString("latin1", at, at + 6)).toBe("070701");
    const field = (i: number): number => Number.parseInt(bytes.toString("latin1", at + 6 + 8 * i, at + 14 + 8 * i), 16);
    const nameEnd = at + 110 + field(11);
    const path = bytes.toString("utf8", at + 110, nameEnd - 1);
    const start = align(nameEnd);
    const data = bytes.toString("latin1", start, start + field(6));
    entries.push({ path, mode: field(1), nlink: field(4), device: [field(9), field(10)], data });
    at = align(start + field(6));
  }
  return entries;
}

test("an archive holds directories, files and devices, and ends with the trailer", () => {
  const archive = writeCpio([
    { path: "dev", mode: S_IFDIR | 0o755 },
    { path: "dev/console", mode: S_IFCHR | 0o600, device: { major: 5, minor: 1 } },
    { path: "init", mode: S_IFREG | 0o755, data: Buffer.from("#!/x\n") },
  ]);
  expect(unpack(archive)).toEqual([
    { path: "dev", mode: 0o40755, nlink: 2, device: [0, 0], data: "" },
    { path: "dev/console", mode: 0o20600, nlink: 1, device: [5, 1], data: "" },
    { path: "init", mode: 0o100755, nlink: 1, device: [0, 0], data: "#!/x\n" },
    { path: "TRAILER!!!", mode: 0, nlink: 1, device: [0, 0], data: "" },
  ]);
});

test.each([0, 1, 2, 3, 4, 5])("a file of %d bytes keeps the next header on a multiple of 4", (length) => {
  const archive = writeCpio([
    { path: "a".repeat(length + 1), mode: S_IFREG, data: Buffer.alloc(length, "x") },
    { path: "b", mode: S_IFREG },
  ]);
  expect(unpack(archive).map(({ data }) => data.length)).toEqual([length, 0, 0]);
  expect(archive.length % 4).toBe(0);
});

test("the same entries give the same bytes", () => {
  const build = (): Uint8Array => buildInitramfs(Buffer.from("agent"), [{ name: "m", bytes: Buffer.from("ko") }]);
  expect(build()).toEqual(build());
});

test("the initramfs has the agent as /init, a console, mount points, modules and programs", () => {
  const memlog = { name: "memlog", bytes: Buffer.from("ko") };
  const archive = buildInitramfs(Buffer.from("agent"), [memlog], [{ name: "load", bytes: Buffer.from("elf") }]);
  const entries = unpack(archive);
  expect(entries.map(({ path }) => path)).toEqual([
    "bin",
    "dev",
    "proc",
    "sys",
    "tmp",
    "modules",
    "dev/console",
    "init",
    "modules/memlog.ko",
    "bin/load",
    "TRAILER!!!",
  ]);
  expect(entries.find(({ path }) => path === "init")).toMatchObject({ mode: 0o100755, data: "agent" });
  expect(entries.find(({ path }) => path === "bin/load")).toMatchObject({ mode: 0o100755, data: "elf" });
});
