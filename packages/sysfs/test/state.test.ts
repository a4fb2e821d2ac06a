import { describe, expect, test } from "vitest";
import { createTree } from "../src/index.ts";
import { fakePort } from "./fake-port.ts";
import { valueOf } from "./result.ts";

const STATE = "/sys/devices/system/memory/memory32/state";
const ONLINE = "/sys/devices/system/memory/memory32/online";

function machine(kernel: string, isOnline = false) {
  const state = isOnline ? ("online" as const) : ("offline" as const);
  const port = fakePort({ kernel, blocks: [{ id: 32, state, deviceOnline: isOnline }] });
  return { port, tree: createTree(port) };
}

describe.each(["4.1", "6.1", "6.12"])("state on %s", (kernel) => {
  test.each([
    ["online", "online 32 online"],
    ["online_kernel\n", "online 32 kernel"],
    ["online_movable\0", "online 32 movable"],
  ])("%j reaches the kernel with its type, and the write returns all bytes", async (word, call) => {
    const { port, tree } = machine(kernel);
    expect(await tree.write(STATE, word)).toEqual({ openErrno: 0, ret: word.length, errno: 0 });
    expect(port.calls).toEqual([call]);
    expect(valueOf(tree.read(STATE))).toBe("online\n");
    expect(valueOf(tree.read(ONLINE))).toBe("1\n");
  });

  test("a word that is none of the four never reaches the kernel, and the refusal says what to write", async () => {
    const { port, tree } = machine(kernel);
    const answer = await tree.write(STATE, "online_keep");
    expect(answer).toMatchObject({
      openErrno: 0,
      ret: -1,
      errno: "EINVAL",
      refusal: { code: "bad_word", retry: "no" },
    });
    expect(port.calls).toEqual([]);
  });

  test("an online word for an online block still plants its type (facts §2.8)", async () => {
    const { port, tree } = machine(kernel, true);
    await tree.write(STATE, "online_movable");
    expect(port.remembered.get(32)).toBe("movable");
  });

  test("what the kernel refuses comes out as it is", async () => {
    const { port, tree } = machine(kernel, true);
    port.refuseNext = "EBUSY";
    const answer = await tree.write(STATE, "offline");
    expect(answer).toMatchObject({ ret: -1, errno: "EBUSY", refusal: { errno: "EBUSY", code: "unmovable_page" } });
  });

  test("a block that is going offline says so, and `online` still reads 1", () => {
    const { port, tree } = machine(kernel, true);
    const block = port.blocks.get(32);
    if (block !== undefined) block.state = "going-offline";
    expect(valueOf(tree.read(STATE))).toBe("going-offline\n");
    expect(valueOf(tree.read(ONLINE))).toBe("1\n");
  });

  test("`online` takes the value that the block has, unlike `state`", async () => {
    const { port, tree } = machine(kernel, true);
    expect(await tree.write(ONLINE, "1\n")).toEqual({ openErrno: 0, ret: 2, errno: 0 });
    expect(port.remembered.size).toBe(0);
  });
});

test("4.1 answers a redundant word with 1, a short write, and no refusal (observed-4.1 §5)", async () => {
  const { tree } = machine("4.1", true);
  expect(await tree.write(STATE, "online\n")).toEqual({ openErrno: 0, ret: 1, errno: 0 });
  // What a shell does next.
  expect(await tree.write(STATE, "nline\n")).toMatchObject({ ret: -1, errno: "EINVAL" });
});

test("6.x answers a redundant word with EINVAL, as it does a bad one, but the refusal tells them apart", async () => {
  const { tree } = machine("6.1", true);
  const refusal = { code: "already_in_state", block: 32 };
  expect(await tree.write(STATE, "online_kernel")).toMatchObject({ ret: -1, errno: "EINVAL", refusal });
});

test("a write is cut at one page, and says so (6.1: g_strings3)", async () => {
  const { port, tree } = machine("6.1");
  expect(await tree.write(STATE, `online${"\0".repeat(5000)}`)).toEqual({ openErrno: 0, ret: 4096, errno: 0 });
  expect(port.calls).toEqual(["online 32 online"]);
});

test("a write to a block that went away while it was being opened is ENOENT", async () => {
  const { port, tree } = machine("6.1");
  port.blocks.delete(32);
  expect(await tree.write(STATE, "online")).toMatchObject({ openErrno: "ENOENT", ret: 0, errno: 0 });
});
