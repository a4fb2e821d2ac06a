import { bytesOf, seconds, size } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

type Json = Readonly<Record<string, unknown>>;

const NS_PER_S = 1e9;
const DEFAULT_WAIT_S = 10;
const LOOK_NS = 1e8;

function errorOf(answer: unknown): string | undefined {
  const { error } = (answer ?? {}) as { readonly error?: { readonly desc?: unknown } };
  return error === undefined ? undefined : String(error.desc);
}

function actualOf(answer: unknown): number {
  const { return: info } = (answer ?? {}) as { readonly return?: { readonly actual?: unknown } };
  return Number(info?.actual);
}

export const balloon: Operation = operation({
  op: "balloon",
  about: "The balloon is told how much of its memory the guest may keep (QMP: balloon); waits until that is reached",
  operands: Type.Object({
    size: size({ description: "What the guest keeps; the more, the smaller is the balloon" }),
    wait: Type.Optional(
      seconds({ description: `Seconds that the step waits for the guest; ${DEFAULT_WAIT_S} unless told otherwise` }),
    ),
  }),
  check({ size }) {
    bytesOf("balloon", "size", size);
  },
  acts: {
    on: "target",
    async perform({ monitor, clock }, { size, wait = DEFAULT_WAIT_S }) {
      const bytes = bytesOf("balloon", "size", size);
      const answer = (await monitor.execute("balloon", { value: bytes })) as Json;
      if (errorOf(answer) !== undefined) return { result: { balloon: answer } };
      // What the driver does at once is done when it is asked how far it is.
      await clock.wait(0);
      // The balloon ends where there is no more memory.
      const wanted = (actual: number): boolean => actual === bytes;
      let actual = actualOf(await monitor.execute("query-balloon", {}));
      for (let left = wait * NS_PER_S; left > 0 && !wanted(actual); left -= LOOK_NS) {
        await clock.wait(Math.min(LOOK_NS, left));
        actual = actualOf(await monitor.execute("query-balloon", {}));
      }
      return { result: { balloon: answer, requested: bytes, actual, reached: wanted(actual) } };
    },
  },
  settles: true,
  asked: ({ size }) => `tell the balloon that the guest may keep ${size}`,
  outcome({ result }) {
    const refused = errorOf(result["balloon"]);
    if (refused !== undefined) return { outcome: `refused by the machine: ${refused}`, good: false };
    const kept = `the guest has ${Number(result["actual"]) / 2 ** 20}M`;
    return { outcome: result["reached"] === true ? kept : `not reached, ${kept}`, good: result["reached"] === true };
  },
  staysInMachine: true,
  example: { op: "balloon", size: "1G" },
});
