import { containersOf } from "@memhp/devices";
import type { OnlineType, Refusal } from "@memhp/abi";
import { Type } from "@sinclair/typebox";
import { selectBlocks } from "../blocks.ts";
import type { MachineTarget } from "../machine-target.ts";
import { count, text, word } from "./operands.ts";
import { operation, type Operation, type OperationAnswer, type StepOutcome } from "./operation.ts";

type Json = Readonly<Record<string, unknown>>;

/** How long somebody waits for the hotplug lock. */
const PATIENCE_NS = 300e9;

const blocks = Type.Union([text({ maxLength: 1 << 16 }), count()], {
  description:
    "32-39,41 or words joined by , and narrowed by &: all, online, offline, movable, normal, node:N, dimm:ID, dax:ID, container:ID",
});

/**
 * As writes to the blocks' `state` one after another, all nodes beside each other. Somebody else may hold the hotplug lock
 * for ever: then the writer is killed before it began.
 */
async function bulk(
  { machine, dimms, background }: MachineTarget,
  op: "online" | "offline",
  listed: string | number,
  type: OnlineType,
): Promise<OperationAnswer> {
  const { map, board } = machine;
  const containers = containersOf(machine);
  const blocks = selectBlocks(String(listed), { map, dimms, containers, blockSizeBytes: board.blockSizeBytes });
  const done = op === "online" ? "onlined" : "offlined";
  const answerOf = ({ block, errno, code }: Partial<Refusal>): Json => ({ block, errno, code });
  const signal = new AbortController();
  const pending = machine.bulk(op, blocks, type, { signal: signal.signal });
  if (!(await background.waitFor(pending, PATIENCE_NS))) {
    if (!pending.hasHadLock) {
      signal.abort();
      const refused = blocks.map((block) => answerOf({ block, errno: "EINTR", code: "signal" }));
      return { result: { requested: blocks.length, [done]: 0, refused } };
    }
    await background.waitFor(pending, Number.POSITIVE_INFINITY);
  }
  const { requested, changed, refused } = await pending;
  return { result: { requested, [done]: changed, refused: refused.map(answerOf) } };
}

function outcome(result: Json, op: "online" | "offline"): StepOutcome {
  const refused = Array.isArray(result["refused"]) ? result["refused"].length : 0;
  const [done, requested] = [Number(result[`${op}d`]), Number(result["requested"])];
  // Of old traces nobody knows more than the numbers that they have.
  const already = requested - done - refused;
  return {
    outcome: `${done} of ${requested} ${op}d${refused === 0 ? "" : `, ${refused} refused`}${already > 0 ? `, ${already} were so already` : ""}`,
    good: refused === 0,
  };
}

export const online: Operation = operation({
  op: "online",
  about: "Many blocks at once, as writes to the `state` of each",
  operands: Type.Object({
    blocks,
    type: Type.Optional(
      word(["online", "kernel", "movable"], { description: "online (as the kernel chooses), kernel or movable" }),
    ),
  }),
  acts: { on: "machine", perform: (target, { blocks, type = "online" }) => bulk(target, "online", blocks, type) },
  asked: ({ blocks, type = "online" }, { resolve }) => `online blocks ${resolve(String(blocks))} (${type})`,
  outcome: ({ result }) => outcome(result, "online"),
  example: { op: "online", blocks: "offline", type: "movable" },
});

export const offline: Operation = operation({
  op: "offline",
  about: "Many blocks at once, as writes of `offline` to the `state` of each",
  operands: Type.Object({ blocks }),
  acts: { on: "machine", perform: (target, { blocks }) => bulk(target, "offline", blocks, "online") },
  asked: ({ blocks }, { resolve }) => `offline blocks ${resolve(String(blocks))}`,
  outcome: ({ result }) => outcome(result, "offline"),
  example: { op: "offline", blocks: "movable" },
});
