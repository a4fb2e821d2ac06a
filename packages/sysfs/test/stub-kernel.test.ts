import { refused } from "@memhp/abi";
import { expect, test } from "vitest";
import { createTree, stubKernel } from "../src/index.ts";
import { kernelOf } from "../../../tools/conformance/src/kernels.ts";

const kernel = kernelOf("6.12");
const state = "/sys/devices/system/memory/memory32/state";

test("every file of a stub can be read, and blocks change their state", async () => {
  const tree = createTree(stubKernel(kernel, { blocks: [33, { id: 32, state: "offline" }], nodes: [0, 1] }));
  for (const { path, kind, byRange, mode } of tree.walk("/"))
    if (kind === "file" && byRange === undefined && (mode & 0o400) !== 0)
      // No device here suspends by itself: its delay is EIO, as the kernel's is.
      expect([path, tree.read(path).ok]).toEqual([path, !path.endsWith("/power/autosuspend_delay_ms")]);
  expect(tree.read(state)).toMatchObject({ value: "offline\n" });
  expect((await tree.write(state, "online_movable")).ret).toBe(14);
  expect(tree.read(state)).toMatchObject({ value: "online\n" });
  expect((await tree.write(state, "online")).refusal?.code).toBe("already_in_state");
  expect(tree.read("/sys/devices/system/node/node1/distance")).toMatchObject({ value: "20 10\n" });
});

test("an override answers instead, and a key that is none is refused by name", async () => {
  const busy = refused({
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "the test asked for it",
    retry: "no",
    remedy: [],
  });
  const tree = createTree(stubKernel(kernel, { blocks: [32], offline: async () => busy }));
  expect((await tree.write(state, "offline")).errno).toBe("EBUSY");
  expect(() => stubKernel(kernel, { ofline: async () => busy } as never)).toThrow(
    "overrides.ofline: not a member of KernelPort",
  );
  expect(() => stubKernel(kernel, { blocks: [1.5] })).toThrow(RangeError);
  // Members that a kernel may leave out are members too.
  expect(stubKernel(kernel, { defaultHugepagesKb: 1_048_576, pageKb: 64 })).toMatchObject({ pageKb: 64 });
});
