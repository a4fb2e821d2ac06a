import { containersOf } from "@memhp/devices";
import { Type } from "@sinclair/typebox";
import { selectBlocks } from "../blocks.ts";
import { count, text } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";

/** How long somebody waits for the hotplug lock. */
const PATIENCE_NS = 3e9;

export const kernelPages: Operation = operation({
  op: "kernel_pages",
  about: "The kernel puts pages of its own, which cannot move, into blocks; or takes them out again",
  operands: Type.Object({
    blocks: Type.Union([text({ maxLength: 1 << 16 }), count()], { description: "A list as of online and offline" }),
    present: Type.Optional(Type.Boolean({ default: true, description: "false: they are gone" })),
  }),
  acts: {
    on: "machine",
    async perform({ machine, dimms }, { blocks, present = true }) {
      const { map, board } = machine;
      const containers = containersOf(machine);
      const ids = selectBlocks(String(blocks), { map, dimms, containers, blockSizeBytes: board.blockSizeBytes });
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
