import { boardError } from "./board-answer.ts";
import { whole } from "./compared.ts";
import { name, seconds } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

const NS_PER_S = 1e9;

export const dimmDel: Operation = operation({
  op: "dimm_del",
  about: "Firmware asks the kernel to give a DIMM back (eject request)",
  operands: Type.Object({
    id: name({ description: "Name of a DIMM that is plugged in" }),
    wait: Type.Optional(
      seconds({ description: "Seconds that the step waits for the kernel; 300 unless told otherwise" }),
    ),
  }),
  acts: {
    on: "target",
    perform: async ({ monitor }, { id, wait }) => ({
      result: await monitor.removeDimm(id, wait === undefined ? undefined : wait * NS_PER_S),
    }),
  },
  settles: true,
  asked: ({ id }, { resolve }) => `ask for DIMM ${resolve(id)} back`,
  outcome({ result }, { id }) {
    const refused = boardError(result, "device_del");
    if (refused !== undefined) return refused;
    const left = result["devices_left"];
    const isLeft = Array.isArray(left) && left.includes(id);
    return { outcome: isLeft ? "not given back" : "given back", good: !isLeft };
  },
  compared: (kernel, memhp) => whole(kernel, memhp),
  staysInMachine: true,
  example: { op: "dimm_del", id: "d0" },
});
