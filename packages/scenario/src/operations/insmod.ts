import { whole } from "./compared.ts";
import { name, text } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

export const insmod: Operation = operation({
  op: "insmod",
  about: "Loads a module of the kernel, such as memory-notifier-error-inject",
  operands: Type.Object({
    mod: name({ description: "Name of the module" }),
    args: Type.Optional(text({ maxLength: 4096, description: "Its parameters: priority=1" })),
  }),
  acts: {
    on: "target",
    perform: async ({ guest }, { mod, args = "" }) => ({ result: await guest.insmod(mod, args) }),
  },
  settles: true,
  asked: ({ mod, args }, { resolve }) => `insmod ${resolve(mod)}${args === undefined ? "" : ` ${resolve(args)}`}`,
  outcome: ({ result }) =>
    result["rc"] === 0 ? { outcome: "done", good: true } : { outcome: String(result["out"]).trim(), good: false },
  compared: (kernel, memhp) => whole(kernel, memhp),
  staysInMachine: true,
  example: { op: "insmod", mod: "memory-notifier-error-inject", args: "priority=0" },
});
