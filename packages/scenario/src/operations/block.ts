import { isPredictable, whole } from "./compared.ts";
import { MEMORY, background, numberOf, referable, text, timeoutMs, word } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import type { Target } from "./target.ts";
import { oneLine, written } from "./words.ts";
import { Type } from "../schema/type.ts";

type Json = Readonly<Record<string, unknown>>;

async function look({ guest }: Target, dir: string, names: readonly string[]): Promise<Json> {
  const seen: Record<string, string> = {};
  for (const name of names) seen[name] = (await guest.read(`${dir}/${name}`)).data;
  return seen;
}

export const block: Operation = operation({
  op: "block",
  about: "A write to a block's `state` or `online`",
  operands: Type.Object({
    n: referable({ description: "Number of the block, or a reference such as ${d0.first}" }),
    v: text({ description: "What is written: online, online_kernel, online_movable or offline; to `online` 0 or 1" }),
    file: Type.Optional(word(["state", "online"], { description: "Which file; `state` unless told otherwise" })),
    background: Type.Optional(background()),
    timeout_ms: Type.Optional(timeoutMs()),
    compact: Type.Optional(Type.Boolean({ description: "false: 4.1 answers without its compact state" })),
  }),
  acts: {
    on: "target",
    async perform(target, { n, v, file = "state", background, timeout_ms, compact }) {
      const { guest, looks } = target;
      const number = numberOf("block", "n", n);
      const dir = `${MEMORY}/memory${number}`;
      const how = { ...(timeout_ms !== undefined && { timeoutMs: timeout_ms }) };
      if (background !== undefined) {
        await guest.write(`${dir}/${file}`, v, { ...how, background });
        return { result: { n: number, background: true } };
      }
      const before = await look(target, dir, looks.beforeWrite);
      const answer = await guest.write(`${dir}/${file}`, v, how);
      const after = await look(target, dir, looks.afterWrite);
      if (!looks.isOfOldRecorder) return { result: { n: number, before, ...answer, after } };
      const result = { before, ...answer, after };
      return compact === false ? { result } : { result, afterState: await looks.state() };
    },
  },
  blockOf: ({ n }) => numberOf("block", "n", n),
  asked: ({ n, v, file = "state" }, { resolve }) => `echo ${oneLine(resolve(v))} > memory${resolve(String(n))}/${file}`,
  outcome: ({ result }, { v }) => written(result, v),
  recorded: Type.Object({ after: Type.Record(Type.String(), Type.Unknown()) }),
  compared(kernel, memhp, removableIsScan) {
    const pick = ({ before, open_errno, ret, errno, after }: Json): Json => {
      const files = { ...(after as Record<string, unknown>) };
      // Whether a kernel zone's block holds unmovable pages is the kernel's own placement.
      if (removableIsScan && !isPredictable(files)) delete files["removable"];
      return { before, open_errno, ret, errno, after: files };
    };
    return whole(pick(kernel), pick(memhp));
  },
  staysInMachine: true,
  example: { op: "block", n: 32, v: "online_movable" },
});
