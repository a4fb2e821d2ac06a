import type { Errno, Refusal } from "@memhp/abi";
import { NotQuietError, reset as resetMachine } from "@memhp/machine";
import { operation, type Operation } from "./operation.ts";
import { failed } from "./words.ts";
import { Type } from "../schema/type.ts";

function notAtRest(detail: string): Refusal {
  return {
    errno: "EBUSY",
    code: "already_in_state",
    rule: "memhp resets a guest at rest alone",
    retry: "yes",
    remedy: ["let time pass until what is under way has ended, or signal who waits"],
    detail,
  };
}

export const reset: Operation = operation({
  op: "reset",
  about:
    "The guest is reset (QMP: system_reset): its kernel boots again, with all that was plugged in there from the start",
  operands: Type.Object({}),
  acts: {
    on: "machine",
    async perform({ machine }) {
      try {
        await resetMachine(machine);
      } catch (error) {
        if (!(error instanceof NotQuietError)) throw error;
        machine.tell(notAtRest(error.message));
        return { result: { errno: "EBUSY" } };
      }
      const refusals = machine.bootRefusals.map(({ device, refusal }) => ({ device, errno: refusal.errno }));
      return { result: { errno: 0, ...(refusals.length === 0 ? {} : { boot_refusals: refusals }) } };
    },
  },
  settles: true,
  asked: () => "reset the guest",
  outcome: ({ result }) =>
    result["errno"] === 0 ? { outcome: "booted again", good: true } : failed(result["errno"] as Errno),
  staysInMachine: true,
  example: { op: "reset" },
});
