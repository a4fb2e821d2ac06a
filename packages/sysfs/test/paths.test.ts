import { describe, expect, test } from "vitest";
import { createTree } from "../src/index.ts";
import { dimmDevpath, fakeAcpi } from "./fake-acpi.ts";
import { fakePort, nodeView } from "./fake-port.ts";
import { errnoOf, valueOf } from "./result.ts";

const firmwareNode = "../../../LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:00";
const port = fakePort({
  blocks: [{ id: 3 }, { id: 20, nodes: [0, 1], firmwareNode }],
  nodes: [nodeView(0, { cpus: [0, 1], blocks: [3, 20] }), nodeView(1, { blocks: [20] })],
});
const tree = createTree(port);
const MEMORY = "/sys/devices/system/memory";

describe("a path", () => {
  test.each([
    "/sys/devices/system/node/node0/memory3/state",
    "/sys/bus/memory/devices/memory3/state",
    "/sys/bus/node/devices/node1/memory20/../memory3/state",
    "/sys/devices/system/memory/memory20/node1/memory20/subsystem/devices/memory3/state",
    "/sys//devices/./system/memory/memory3/power/../state",
    "/../sys/devices/system/memory/memory3/state",
  ])("%s leads to a block's state, whatever links and dots are on the way", (path) => {
    expect(valueOf(tree.read(path))).toBe("offline\n");
    expect(valueOf(tree.realpath(path))).toBe(`${MEMORY}/memory3/state`);
  });

  test.each([
    [`${MEMORY}/memory4/state`, "ENOENT"],
    [`${MEMORY}/memory03/state`, "ENOENT"],
    [`${MEMORY}/memory`, "ENOENT"],
    [`${MEMORY}/memory-1`, "ENOENT"],
    [`${MEMORY}/memory3/node1`, "ENOENT"],
    [`${MEMORY}/memory3/toString`, "ENOENT"],
    ["sys/devices", "ENOENT"],
    ["", "ENOENT"],
    [`${MEMORY}/memory3/state/x`, "ENOTDIR"],
    [`${MEMORY}/memory3/state/`, "ENOTDIR"],
    [`${MEMORY}/memory3/state/..`, "ENOTDIR"],
    [`${MEMORY}/memory3`, "EISDIR"],
    ["/", "EISDIR"],
    [`${MEMORY}/soft_offline_page`, "EACCES"],
  ])("reading %j is refused with %s", (path, errno) => {
    const read = tree.read(path);
    expect(errnoOf(read)).toBe(errno);
    expect(read.ok ? undefined : read.refusal.detail).toBe(path);
  });

  test("a slash at its end follows a last link", () => {
    const link = `${MEMORY}/memory3/node0`;
    expect(valueOf(tree.stat(link))).toEqual({ kind: "link", mode: 0o777, size: 0 });
    expect(valueOf(tree.stat(`${link}/`))).toEqual({ kind: "dir", mode: 0o755, size: 0 });
  });
});

test("an attribute is 4096 bytes to stat, a directory and a file of /proc 0 (facts §0.1)", () => {
  const stat = (path: string) => valueOf(tree.stat(path));
  expect(stat(`${MEMORY}/memory3/state`)).toEqual({ kind: "file", mode: 0o644, size: 4096 });
  expect(stat(`${MEMORY}/block_size_bytes`)).toEqual({ kind: "file", mode: 0o444, size: 4096 });
  expect(stat(MEMORY)).toEqual({ kind: "dir", mode: 0o755, size: 0 });
  expect(stat("/proc/zoneinfo")).toEqual({ kind: "file", mode: 0o444, size: 0 });
});

test("readlink answers the target as it is written, and EINVAL for what is no link", () => {
  expect(valueOf(tree.readlink(`${MEMORY}/memory3/node0`))).toBe("../../node/node0");
  expect(valueOf(tree.readlink("/sys/bus/memory/devices/memory3"))).toBe("../../../devices/system/memory/memory3");
  expect(errnoOf(tree.readlink(`${MEMORY}/memory3/state`))).toBe("EINVAL");
  expect(errnoOf(tree.readlink(`${MEMORY}/memory9`))).toBe("ENOENT");
});

test("list is in natural order and refuses a file", () => {
  expect(valueOf(tree.list(MEMORY)).filter((name) => name.startsWith("m"))).toEqual(["memory3", "memory20"]);
  expect(valueOf(tree.list("/sys/devices/system/node/node0/memory20"))).toContain("node1");
  expect(errnoOf(tree.list(`${MEMORY}/memory3/state`))).toBe("ENOTDIR");
});

test("the tree is live: a block that was added is there, one that was removed is not", () => {
  const path = `${MEMORY}/memory40/phys_index`;
  expect(errnoOf(tree.read(path))).toBe("ENOENT");
  const [block] = port.blocks.values();
  if (block !== undefined) port.blocks.set(40, { ...block, id: 40 });
  expect(valueOf(tree.read(path))).toBe("00000028\n");
  port.blocks.delete(40);
  expect(errnoOf(tree.read(path))).toBe("ENOENT");
});

test("firmware_node dangles without ACPI and leads to the device with it", async () => {
  const path = `${MEMORY}/memory20/firmware_node`;
  expect(valueOf(tree.readlink(path))).toBe(firmwareNode);
  expect(errnoOf(tree.list(path))).toBe("ENOENT");
  const acpi = fakeAcpi();
  const withAcpi = createTree(port, { acpi });
  expect(valueOf(withAcpi.realpath(path))).toBe(`/sys${dimmDevpath}`);
  expect(await withAcpi.write(`${path}/eject`, "1")).toEqual({ openErrno: 0, ret: 1, errno: 0 });
  expect(acpi.ejected).toEqual([dimmDevpath]);
});

test("a node's CPUs are links that lead somewhere and back", () => {
  expect(valueOf(tree.realpath("/sys/devices/system/node/node0/cpu1/node0"))).toBe("/sys/devices/system/node/node0");
  expect(valueOf(tree.list("/sys/bus/cpu/devices"))).toEqual(["cpu0", "cpu1"]);
  expect(errnoOf(tree.stat("/sys/devices/system/node/node1/cpu1"))).toBe("ENOENT");
});

test("opening for writing: a directory is EISDIR, a missing file ENOENT, a 0444 file EACCES even for root", async () => {
  const open = async (path: string) => (await tree.write(path, "x")).openErrno;
  expect(await open(MEMORY)).toBe("EISDIR");
  expect(await open(`${MEMORY}/memory3/node0`)).toBe("EISDIR");
  expect(await open(`${MEMORY}/nosuch`)).toBe("ENOENT");
  expect(await open(`${MEMORY}/memory3/removable`)).toBe("EACCES");
  expect(await open("/sys/devices/system/node/possible")).toBe("EACCES");
});

test("a file of /proc opens for root, and then has no write function", async () => {
  expect(await tree.write("/proc/meminfo", "x")).toMatchObject({ openErrno: 0, ret: -1, errno: "EIO" });
});
