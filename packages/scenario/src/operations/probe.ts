import { MEMORY, count, text } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { oneLine, written } from "./words.ts";
import { Type } from "../schema/type.ts";

export const probe: Operation = operation({
  op: "probe",
  about: "A write to /sys/devices/system/memory/probe: a block appears where nothing announced it",
  operands: Type.Object({
    // The kernel reads the text; what is wrong with it is the kernel's to say.
    addr: Type.Union([text(), count()], { description: "Physical address, as 0x100000000" }),
  }),
  acts: {
    on: "target",
    perform: async ({ guest }, { addr }) => ({ result: await guest.write(`${MEMORY}/probe`, String(addr), {}) }),
  },
  asked: ({ addr }, { resolve }) => `echo ${oneLine(resolve(String(addr)))} > ${MEMORY}/probe`,
  outcome: ({ result }, { addr }) => written(result, String(addr)),
  staysInMachine: true,
  example: { op: "probe", addr: "0x100000000" },
});
