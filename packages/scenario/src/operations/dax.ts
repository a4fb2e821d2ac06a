import { daxOf } from "@memhp/devices";
import type { Errno } from "@memhp/abi";
import { name, size, sizeOf, word } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { StepError } from "./step-error.ts";
import { failed } from "./words.ts";
import { Type } from "../schema/type.ts";

export const dax: Operation = operation({
  op: "dax",
  about:
    "The region of a dax device is made or taken apart, as the CXL tools do, or the device is resized while no driver has it",
  operands: Type.Object({
    id: name({ description: "A device of machine.dax" }),
    action: word(["add", "destroy", "resize"], {
      description: "add: a region that is not present at boot. destroy: refused while a block of it is online",
    }),
    size: Type.Optional(size({ description: "Of resize: a multiple of 2M, 0 for nothing" })),
  }),
  check({ action, size }) {
    if ((size === undefined) === (action === "resize"))
      throw new StepError(
        action === "resize" ? "dax: size is missing" : `dax: size: of resize alone (found with ${action})`,
        "size",
      );
    if (size !== undefined) sizeOf("dax", "size", size);
  },
  acts: {
    on: "machine",
    async perform({ machine, dimms }, { id, action, size = 0 }) {
      const devices = daxOf(machine);
      const pending =
        action === "add"
          ? devices.insert(id)
          : action === "destroy"
            ? devices.eject(id)
            : devices.resize(id, sizeOf("dax", "size", size));
      const answer = await pending;
      const memory = devices.memory().find((each) => each.id === id);
      if (memory !== undefined) dimms.set(id, memory);
      if (!answer.ok) machine.tell(answer.refusal);
      const device = devices.get(id);
      return {
        result: {
          errno: answer.ok ? 0 : answer.refusal.errno,
          driver: device?.driver ?? null,
          size: device?.sizeBytes ?? null,
          ...(device === undefined ? {} : device.blocks),
        },
      };
    },
  },
  settles: true,
  asked: ({ id, action, size }, { resolve }) =>
    action === "add"
      ? `make the region of ${resolve(id)}`
      : action === "destroy"
        ? `take the region of ${resolve(id)} apart`
        : `resize ${resolve(id)} to ${String(size)}`,
  outcome({ result }, { action }) {
    if (result["errno"] !== 0) return failed(result["errno"] as Errno);
    if (action === "destroy") return { outcome: "gone", good: true };
    const driver = result["driver"];
    return { outcome: typeof driver === "string" ? `${driver} has it` : "no driver has it", good: true };
  },
  staysInMachine: true,
  example: { op: "dax", id: "dax0.0", action: "add" },
});
