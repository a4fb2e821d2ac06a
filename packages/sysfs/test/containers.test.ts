import { done, refused } from "@memhp/abi";
import { expect, test } from "vitest";
import { createTree } from "../src/index.ts";
import { dimmDevpath, fakeAcpi } from "./fake-acpi.ts";
import { fakePort } from "./fake-port.ts";
import { errnoOf, valueOf } from "./result.ts";

const CONTAINER = "/sys/devices/system/container/PNP0A06:04";
const firmwareNode = "/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04";

/** One container, which says EBUSY once. */
function oneContainer(): { tree: ReturnType<typeof createTree>; asked: string[] } {
  const asked: string[] = [];
  const container = { name: "PNP0A06:04", firmwareNode, online: true };
  const port = fakePort({ blocks: [{ id: 32 }], nodes: [] });
  const acpi = {
    ...fakeAcpi({
      physicalNodes: [32, 33].map((block, id) => ({ id, devpath: `/devices/system/memory/memory${block}` })),
    }),
    containers: () => [container],
    async setContainerOnline(name: string, online: boolean) {
      asked.push(`${name} ${online}`);
      if (asked.length === 1)
        return refused({ errno: "EBUSY", code: "container_busy", rule: "test", retry: "yes", remedy: [] });
      container.online = online;
      return done(undefined);
    },
  };
  return { tree: createTree(port, { acpi }), asked };
}

test("a container's device has `online`, `uevent` and its links (facts §6.5)", () => {
  const { tree } = oneContainer();
  expect(valueOf(tree.list("/sys/devices/system/container"))).toEqual(["PNP0A06:04", "power", "uevent"]);
  expect(valueOf(tree.list(CONTAINER))).toEqual(["firmware_node", "online", "power", "subsystem", "uevent"]);
  expect(valueOf(tree.stat(`${CONTAINER}/online`))).toMatchObject({ kind: "file", mode: 0o644 });
  expect(valueOf(tree.realpath(`${CONTAINER}/firmware_node`))).toBe(`/sys${firmwareNode}`);
  expect(valueOf(tree.realpath(`${CONTAINER}/subsystem`))).toBe("/sys/bus/container");
  expect(valueOf(tree.realpath("/sys/bus/container/devices/PNP0A06:04"))).toBe(CONTAINER);
});

test("`online` takes a bool; EBUSY comes from the kernel and leaves it as it was (facts §6.5)", async () => {
  const { tree, asked } = oneContainer();
  const online = `${CONTAINER}/online`;
  expect(await tree.write(online, "x")).toMatchObject({ errno: "EINVAL" });
  expect(await tree.write(online, "0\n")).toMatchObject({ errno: "EBUSY" });
  expect(valueOf(tree.read(online))).toBe("1\n");
  expect(await tree.write(online, "0\n")).toEqual({ openErrno: 0, ret: 2, errno: 0 });
  expect(valueOf(tree.read(online))).toBe("0\n");
  expect(asked).toEqual(["PNP0A06:04 false", "PNP0A06:04 false"]);
});

test("an ACPI device links to what it describes: physical_node, physical_node1 (facts §6.1)", () => {
  const { tree } = oneContainer();
  expect(valueOf(tree.readlink(`/sys${dimmDevpath}/physical_node`))).toBe("../../../../system/memory/memory32");
  expect(valueOf(tree.realpath(`/sys${dimmDevpath}/physical_node`))).toBe("/sys/devices/system/memory/memory32");
  expect(valueOf(tree.readlink(`/sys${dimmDevpath}/physical_node1`))).toBe("../../../../system/memory/memory33");
});

test("without ACPI there are no containers", () => {
  const tree = createTree(fakePort({ blocks: [], nodes: [] }));
  expect(errnoOf(tree.list("/sys/devices/system/container"))).toBe("ENOENT");
  expect(errnoOf(tree.list("/sys/bus/container"))).toBe("ENOENT");
});
