import type { OnlineType, Refusal } from "@memhp/abi";
import type { BulkResult } from "@memhp/machine";
import type { MachineTarget } from "../machine-target.ts";
import { blockList, chosenBlocks } from "./chosen-blocks.ts";
import { background, word } from "./operands.ts";
import { operation, type Operation, type OperationAnswer, type StepOutcome } from "./operation.ts";
import { Type } from "../schema/type.ts";

type Json = Readonly<Record<string, unknown>>;
type Op = "online" | "offline";

/** How long somebody waits for the hotplug lock. */
const PATIENCE_NS = 300e9;

const blocks = blockList(
  "32-39,41 or words joined by , and narrowed by &: all, online, offline, movable, normal, node:N, dimm:ID, dax:ID, container:ID",
);

interface Asked {
  readonly op: Op;
  readonly blocks: string | number;
  readonly type: OnlineType;
  readonly background: string | undefined;
}

const refusedBlock = ({ block, errno, code }: Partial<Refusal>): Json => ({ block, errno, code });

function resultOf(op: Op, { requested, changed, refused }: BulkResult): Json {
  return { requested, [`${op}d`]: changed, refused: refused.map(refusedBlock) };
}

/**
 * As writes to the blocks' `state` one after another, all nodes beside each other. Somebody else may hold the hotplug lock
 * for ever: then the writer is killed before it began.
 */
async function bulk(
  target: MachineTarget,
  { op, blocks: listed, type, background: name }: Asked,
): Promise<OperationAnswer> {
  const { machine, background } = target;
  const blocks = chosenBlocks(target, op, listed);
  if (name !== undefined) {
    background.start(name, (caller) => machine.bulk(op, blocks, type, caller).map((done) => resultOf(op, done)));
    return { result: { requested: blocks.length, background: true } };
  }
  const signal = new AbortController();
  const pending = machine.bulk(op, blocks, type, { signal: signal.signal });
  if (!(await background.waitFor(pending, PATIENCE_NS))) {
    if (!pending.hasHadLock) {
      signal.abort();
      const refused = blocks.map((block) => refusedBlock({ block, errno: "EINTR", code: "signal" }));
      return { result: { requested: blocks.length, [`${op}d`]: 0, refused } };
    }
    await background.waitFor(pending, Number.POSITIVE_INFINITY);
  }
  return { result: resultOf(op, await pending) };
}

/** What a write to many blocks came to; also of one that ran in the background. */
export function bulkOutcome(result: Json): StepOutcome {
  return outcome(result, "offlined" in result ? "offline" : "online");
}

function outcome(result: Json, op: Op): StepOutcome {
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
    background: Type.Optional(background()),
  }),
  acts: {
    on: "machine",
    perform: (target, { blocks, type = "online", background }) =>
      bulk(target, { op: "online", blocks, type, background }),
  },
  asked: ({ blocks, type = "online" }, { resolve }) => `online blocks ${resolve(String(blocks))} (${type})`,
  outcome: ({ result }) => outcome(result, "online"),
  bulk: "blocks",
  staysInMachine: true,
  example: { op: "online", blocks: "offline", type: "movable" },
});

export const offline: Operation = operation({
  op: "offline",
  about: "Many blocks at once, as writes of `offline` to the `state` of each",
  operands: Type.Object({ blocks, background: Type.Optional(background()) }),
  acts: {
    on: "machine",
    perform: (target, { blocks, background }) => bulk(target, { op: "offline", blocks, type: "online", background }),
  },
  asked: ({ blocks }, { resolve }) => `offline blocks ${resolve(String(blocks))}`,
  outcome: ({ result }) => outcome(result, "offline"),
  bulk: "blocks",
  staysInMachine: true,
  example: { op: "offline", blocks: "movable" },
});
