import { expect, test } from "vitest";
import { offenderOf } from "../src/host/kernel-words.ts";
import { HostError, recordHost } from "../src/host/record-host.ts";
import type { Guest } from "../src/target.ts";
import { fakeTarget } from "./fake-target.ts";

const dump = [
  "page: refcount:1 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x107e00",
  "anon flags: 0x57ffffc0000000(node=1|zone=2)",
  "page_type: f5(slab)",
  "page dumped because: unmovable page",
];

test("the kernel's dump names the page, what it is, and why it stays", () => {
  expect(offenderOf(["memory offlining starts", ...dump, ...dump.map((line) => line.replace("107e00", "9"))])).toEqual({
    pfn: "107e00",
    flags: "0x57ffffc0000000(node=1|zone=2)",
    page_type: "f5(slab)",
    why: "unmovable page",
  });
  expect(offenderOf(["page dumped because: unmovable page"])).toBeUndefined();
});

/** Blocks 0 (mixed), 1 (goes), 2 (kernel pages) and 3 (offline) of a guest. */
function guest(): Partial<Guest> {
  const online = new Set([0, 1, 2]);
  let log: readonly string[] = [];
  return {
    scan: async () =>
      [0, 1, 2, 3].map((n) => ({
        path: `/sys/devices/system/memory/memory${n}`,
        kind: "dir" as const,
        mode: "755",
        errno: 0,
        text: "",
      })),
    async read(path) {
      const n = Number(/memory(\d+)\//.exec(path)?.[1]);
      const texts: Readonly<Record<string, string>> = {
        block_size_bytes: "8000000\n",
        "host.tar.gz": "archive",
        version: "Linux version 9.9\n",
        state: online.has(n) ? "online\n" : "offline\n",
        valid_zones: n === 1 ? "Movable\n" : n === 0 ? "none\n" : "Normal\n",
      };
      return { errno: 0, mode: "444", data: texts[path.slice(path.lastIndexOf("/") + 1)] ?? "" };
    },
    async write(path, data) {
      const n = Number(/memory(\d+)\//.exec(path)?.[1]);
      log = n === 2 ? dump : [];
      const errno = data !== "offline" || n === 1 ? 0 : n === 0 ? "EINVAL" : "EBUSY";
      return { open_errno: 0, ret: errno === 0 ? data.length : -1, errno };
    },
    async takeReports() {
      const kernel_log = log;
      log = [];
      return { uevents: [], notifications: [], kernel_log };
    },
  };
}

const order = { name: "n", kernel: "9.9", rawMachine: { memory: "1G" }, steps: [] };
const quiet = { return: "" };

test("every online block is tried from the captured state, and once more in order", async () => {
  const target = fakeTarget((command) => (command === "human-monitor-command" ? quiet : undefined), guest());
  const { archive, truth } = await recordHost(order, target, { limitMs: 10 });
  expect(Buffer.from(archive).toString()).toBe("archive");
  const offender = { pfn: "107e00", why: "unmovable page" };
  const outcomes = {
    0: { errno: "EINVAL", zone: "none" },
    1: { errno: "0", zone: "Movable", reonline: { word: "online_movable", errno: "0" } },
    2: { errno: "EBUSY", zone: "Normal", offender },
  };
  expect(truth).toMatchObject({ kernel: "9.9", version: "Linux version 9.9", isolated: outcomes, blocks: outcomes });
  const monitor = target.commands.flatMap(([command, operands]) =>
    command === "human-monitor-command" ? [(operands as { "command-line": string })["command-line"]] : [],
  );
  // Block 0 changed nothing; what 1 and 2 did is undone.
  expect(monitor).toEqual(["savevm captured", "loadvm captured", "loadvm captured"]);
});

test("a guest that cannot be captured or kept is an error, with what was said", async () => {
  const noDisk = fakeTarget(
    (command) =>
      command === "human-monitor-command" ? { return: "Error: No block device can accept snapshots\r\n" } : undefined,
    guest(),
  );
  await expect(recordHost(order, noDisk, { limitMs: 10 })).rejects.toThrow(
    new HostError("savevm captured: Error: No block device can accept snapshots"),
  );
  const noArchive = fakeTarget(() => undefined, {
    ...guest(),
    program: async () => ({ rc: 1, out: "sh: not found\n" }),
    read: async (path) => ({ errno: 0, mode: "444", data: path.endsWith("block_size_bytes") ? "8000000\n" : "" }),
  });
  await expect(recordHost(order, noArchive, { limitMs: 10 })).rejects.toThrow("capture: 0: sh: not found");
});
