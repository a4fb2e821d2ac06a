import { blockList, chosenBlocks } from "./chosen-blocks.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

/** How long somebody waits for the hotplug lock. */
const PATIENCE_NS = 3e9;

export const kernelPages: Operation = operation({
  op: "kernel_pages",
  about: "The kernel puts pages of its own, which cannot move, into blocks; or takes them out again",
  operands: Type.Object({
    blocks: blockList("A list as of online and offline"),
    present: Type.Optional(Type.Boolean({ default: true, description: "false: they are gone" })),
  }),
  acts: {
    on: "machine",
    async perform(target, { blocks, present = true }) {
      const { machine } = target;
      const ids = chosenBlocks(target, "kernel_pages", blocks);
      const done = await machine.passUntil(machine.markUnmovable(ids, present), PATIENCE_NS);
      return { result: { blocks: ids, done } };
    },
  },
  asked: ({ blocks, present = true }, { resolve }) =>
    `${present ? "kernel pages into" : "no kernel pages in"} blocks ${resolve(String(blocks))}`,
  outcome: ({ result }) =>
    result["done"] === true
      ? { outcome: "done", good: true }
      : { outcome: "not yet: something else holds the hotplug lock", good: false },
  example: { op: "kernel_pages", blocks: "3" },
});
