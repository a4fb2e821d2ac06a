import fc from "fast-check";
import { expect, test } from "vitest";
import { createTree } from "../src/index.ts";
import { fakeAcpi } from "./fake-acpi.ts";
import { fakePort, nodeView } from "./fake-port.ts";
import { errnoOf } from "./result.ts";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";

const STATE = "/sys/devices/system/memory/memory32/state";
const words = ["online", "online_kernel", "online_movable", "offline"];

/** Bytes, with the ones that matter here more often than chance would have them. */
const bytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(...words, "\n", "\0", " ", "0x", "1"),
      fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

test("property: no byte string makes `state` throw, and only the four words reach the kernel", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...kernelIds), fc.boolean(), bytes, async (kernel, deviceOnline, data) => {
      const port = fakePort({ kernel, blocks: [{ id: 32, deviceOnline, state: deviceOnline ? "online" : "offline" }] });
      const answer = await createTree(port).write(STATE, data);
      const text = data.split("\0")[0] ?? "";
      const isWord = data !== "" && words.includes(text.replace(/\n$/, ""));
      expect(port.calls).toHaveLength(isWord ? 1 : 0);
      if (!isWord) expect(answer).toMatchObject(data === "" ? { ret: 0, errno: 0 } : { ret: -1, errno: "EINVAL" });
    }),
    { numRuns: 2000 },
  );
});

/** What write(2) may return: a sysctl takes one number of several, and 4.1 answers 1 to what a block has already. */
function isCount(path: string, data: string, ret: number): boolean {
  if (path.startsWith("/proc/sys/")) return ret >= 0 && ret <= data.length;
  return ret === data.length || ret === 1;
}

function fullMachine(kernel: string) {
  const blocks = [0, 1, 32].map((id) => ({ id, nodes: [0, 1], firmwareNode: "../../../LNXSYSTM:00" }));
  const nodes = [nodeView(0, { cpus: [0, 33], blocks: [0, 1, 32] }), nodeView(1, { blocks: [0, 1, 32] })];
  const iomem = [{ start: 0, end: 0xfff, name: "Reserved", children: [] }];
  const memmap = [{ start: 0, end: 0xfff, type: "Reserved" }];
  return fakePort({ kernel, blocks, nodes, iomem, memmap, injection: true });
}

test.each(kernelIds)("on %s every path that walk lists can be stat-ed, and read or refuses with EACCES", (kernel) => {
  const tree = createTree(fullMachine(kernel), { acpi: fakeAcpi() });
  const walked = [...tree.walk("/")];
  expect(walked.length).toBeGreaterThan(100);
  expect(new Set(walked.map(({ path }) => path)).size).toBe(walked.length);
  for (const { path, kind, mode, size, target, byRange } of walked) {
    expect(tree.stat(path)).toEqual({
      ok: true,
      value: { kind, mode, size, ...(byRange === true ? { byRange } : {}) },
    });
    const readable = (mode & 0o444) !== 0;
    // A device without runtime power management has no delay (7.3: a_boot_*).
    const expected = path.endsWith("/autosuspend_delay_ms") ? "EIO" : 0;
    const answer = byRange === true ? "EINVAL" : readable ? expected : "EACCES";
    if (kind === "file") expect([path, errnoOf(tree.read(path))]).toEqual([path, answer]);
    if (kind === "link") expect(tree.readlink(path)).toEqual({ ok: true, value: target });
    if (kind === "dir") expect(tree.list(path).ok).toBe(true);
    // With ACPI there, no link dangles.
    if (kind === "link") expect([path, errnoOf(tree.realpath(path))]).toEqual([path, 0]);
  }
});

test.each(kernelIds)(
  "property: on %s no file throws at any bytes; a write is counted, or refused with a reason",
  async (kernel) => {
    const port = fullMachine(kernel);
    const tree = createTree(port, { acpi: fakeAcpi() });
    const files = [...tree.walk("/")].filter(({ kind }) => kind === "file").map(({ path }) => path);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), bytes, async (path, data) => {
        const { openErrno, ret, errno, refusal } = await tree.write(path, data);
        if (openErrno !== 0)
          expect({ ret, errno, refusal: refusal?.errno }).toEqual({ ret: 0, errno: 0, refusal: openErrno });
        else if (errno !== 0) expect({ ret, refusal: refusal?.errno }).toEqual({ ret: -1, refusal: errno });
        else expect({ ret: isCount(path, data, ret), refusal }).toEqual({ ret: true, refusal: undefined });
        if (refusal !== undefined) expect(refusal.rule).not.toBe("");
      }),
      { numRuns: 1000 },
    );
  },
);

test("property: no path throws", () => {
  const tree = createTree(fullMachine("6.12"));
  const names = fc.constantFrom(
    "sys",
    "devices",
    "system",
    "memory",
    "memory1",
    "node0",
    "state",
    "..",
    ".",
    "",
    "x",
    "__proto__",
    "constructor",
  );
  fc.assert(
    fc.property(fc.array(names, { maxLength: 12 }), fc.boolean(), (parts, absolute) => {
      const path = (absolute ? "/" : "") + parts.join("/");
      const known = ["ENOENT", "ENOTDIR", "EISDIR", "EINVAL", "EACCES", 0];
      for (const result of [
        tree.stat(path),
        tree.list(path),
        tree.read(path),
        tree.readlink(path),
        tree.realpath(path),
      ]) {
        expect(known).toContain(errnoOf(result));
      }
    }),
  );
});
