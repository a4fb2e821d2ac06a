import type { Refusal } from "@memhp/abi";
import { seconds } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

/** What udevadm settle waits unless told otherwise. */
const TIMEOUT_S = 120;
const NS_PER_S = 1e9;
/** How often it is looked. */
const LOOK_NS = 1e6;

export const settle: Operation = operation({
  op: "settle",
  about:
    "As udevadm settle: time passes until udev has nothing to do; tells what udev and agents did, and who onlined what",
  operands: Type.Object({
    s: Type.Optional(seconds({ description: `Simulated seconds at most, ${TIMEOUT_S} unless told otherwise` })),
  }),
  acts: {
    on: "machine",
    async perform({ machine, userspace }, { s = TIMEOUT_S }) {
      const endNs = machine.nowNs + s * NS_PER_S;
      while (!userspace.isSettled && machine.nowNs < endNs)
        await machine.wait(Math.min(LOOK_NS, Math.ceil(endNs - machine.nowNs)));
      const handled = userspace.takeHandled().map(({ event, writes, programs, ignored, doneNs }) => ({
        uevent: `${event.action}@${event.devpath}`,
        seqnum: event.seqnum,
        done_ns: doneNs,
        writes: writes.map(({ rule, path, value, errno, refusal }) => ({ rule, path, value, errno, ...why(refusal) })),
        ...(programs.length === 0 ? {} : { programs }),
        ...(ignored.length === 0 ? {} : { ignored }),
      }));
      const agents = Object.fromEntries(
        userspace.takeWrites().map(([id, writes]) => [
          id,
          writes.map(({ atNs, block, errno, refusal, retry }) => ({
            at_ns: atNs,
            block,
            errno,
            retry,
            ...why(refusal),
          })),
        ]),
      );
      const onlined = userspace.onlined().map(({ block, addedNs, onlineNs, by }) => ({
        block,
        ...(addedNs === undefined ? {} : { added_ns: addedNs }),
        online_ns: onlineNs,
        by: by.kind === "kernel" ? by.because : by.name,
        ...(by.kind === "kernel" ? {} : { word: by.word }),
      }));
      return { result: { settled: userspace.isSettled, handled, agents, onlined } };
    },
  },
  settles: true,
  asked: () => "wait until udev has settled",
  outcome({ result }) {
    const onlined = result["onlined"] as readonly unknown[];
    const isSettled = result["settled"] === true;
    return {
      outcome: `${isSettled ? "" : "not settled in this time, "}${onlined.length} blocks onlined`,
      good: isSettled,
    };
  },
  example: { op: "settle" },
});

function why(refusal: Refusal | undefined): { readonly refusal?: Refusal } {
  return refusal === undefined ? {} : { refusal };
}
