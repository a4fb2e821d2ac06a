import { describe, expect, test } from "vitest";
import { createTree } from "../src/index.ts";
import { fakePort, nodeView } from "./fake-port.ts";
import { errnoOf, valueOf } from "./result.ts";

const POOLS = "/sys/devices/system/node/node1/hugepages";
const hugepages = [
  { sizeKb: 2048, total: 200, free: 150, surplus: 3 },
  { sizeKb: 1048576, total: 2, free: 1, surplus: 0 },
];
const nodes = [nodeView(0), nodeView(1, { hugepages })];

describe("nodeK/hugepages", () => {
  const port = fakePort({ kernel: "6.1", nodes });
  const tree = createTree(port);
  test("has a directory for each size, with three files (6.1: c_hugetlb_movable)", () => {
    expect(valueOf(tree.list(POOLS))).toEqual(["hugepages-2048kB", "hugepages-1048576kB"]);
    expect(valueOf(tree.list(`${POOLS}/hugepages-2048kB`))).toEqual([
      "free_hugepages",
      "nr_hugepages",
      "surplus_hugepages",
    ]);
    expect(valueOf(tree.read(`${POOLS}/hugepages-2048kB/nr_hugepages`))).toBe("200\n");
    expect(valueOf(tree.read(`${POOLS}/hugepages-2048kB/free_hugepages`))).toBe("150\n");
    expect(valueOf(tree.read(`${POOLS}/hugepages-2048kB/surplus_hugepages`))).toBe("3\n");
    expect(errnoOf(tree.list(`${POOLS}/hugepages-64kB`))).toBe("ENOENT");
  });
  test.each([
    ["200\n", 0, ["hugepages 1 1048576 200"]],
    ["+010", 0, ["hugepages 1 1048576 10"]],
    ["0x10", "EINVAL", []],
    ["-1", "EINVAL", []],
    ["1 2", "EINVAL", []],
    ["18446744073709551616", "ERANGE", []],
  ])("a write of %j to nr_hugepages: %s", async (data, errno, calls) => {
    port.calls.length = 0;
    const answer = await tree.write(`${POOLS}/hugepages-1048576kB/nr_hugepages`, data);
    expect([answer.errno, port.calls]).toEqual([errno, calls]);
  });
  test("the node's meminfo counts the default size", () => {
    expect(valueOf(tree.read("/sys/devices/system/node/node1/meminfo"))).toMatch(
      /HugePages_Total: {3}200\nNode 1 HugePages_Free: {4}150\nNode 1 HugePages_Surp: {6}3\n$/,
    );
  });
});

describe.each(["4.1", "6.12"])("sysctls of Linux %s", (kernel) => {
  async function write(name: string, data: string) {
    const port = fakePort({ kernel, nodes });
    const { ret, errno } = await createTree(port).write(`/proc/sys/vm/${name}`, data);
    return [errno === 0 ? ret : errno, ...port.calls];
  }
  test.each([
    ["600\n", [4, "hugepages all 2048 600"]],
    [" 0x10\t", [6, "hugepages all 2048 16"]],
    ["010", [3, "hugepages all 2048 8"]],
    // The second number is left for the next write.
    ["3 4\n", [2, "hugepages all 2048 3"]],
    ["", [0]],
    ["\n", ["EINVAL"]],
    ["x", ["EINVAL"]],
    ["08", ["EINVAL"]],
    ["3x", ["EINVAL"]],
    ["3\0", ["EINVAL"]],
    ["+3", ["EINVAL"]],
    ["-", ["EINVAL"]],
    ["18446744073709551616", ["EINVAL"]],
    ["000000000000000000003", ["EINVAL"]],
    ["-1\n", kernel === "4.1" ? [3] : ["EINVAL"]],
  ])("nr_hugepages: a write of %j answers %j", async (data, answer) => {
    expect(await write("nr_hugepages", data)).toEqual(answer);
  });

  test.each([
    ["1\n", [2, "drop 1"]],
    ["3", [1, "drop 3"]],
    ["4", [1]],
    ["0", ["EINVAL"]],
    ["5", ["EINVAL"]],
    ["-1", ["EINVAL"]],
    ["all", ["EINVAL"]],
    ["", [0]],
  ])("drop_caches: a write of %j answers %j", async (data, answer) => {
    expect(await write("drop_caches", data)).toEqual(answer);
  });

  test("what the kernel refuses, the writer sees", async () => {
    const port = fakePort({ kernel, nodes });
    port.refuseNext = "ENOMEM";
    expect(await createTree(port).write("/proc/sys/vm/nr_hugepages", "1")).toMatchObject({ ret: -1, errno: "ENOMEM" });
  });
});

test("4.1 reads drop_caches back, later kernels do not open it for reading", async () => {
  const old = createTree(fakePort({ kernel: "4.1" }));
  await old.write("/proc/sys/vm/drop_caches", "2");
  await old.write("/proc/sys/vm/drop_caches", "9");
  expect(valueOf(old.read("/proc/sys/vm/drop_caches"))).toBe("2\n");
  expect(errnoOf(createTree(fakePort({ kernel: "6.1" })).read("/proc/sys/vm/drop_caches"))).toBe("EACCES");
});
