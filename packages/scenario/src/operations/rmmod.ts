import { name } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

export const rmmod: Operation = operation({
  op: "rmmod",
  about: "Takes a module of the kernel out again, such as kmem",
  operands: Type.Object({ mod: name({ description: "Name of the module" }) }),
  acts: {
    on: "machine",
    async perform({ machine }, { mod }) {
      const answer = await machine.unloadModule(mod);
      if (!answer.ok) machine.tell(answer.refusal);
      return { result: answer.ok ? { rc: 0, out: "" } : { rc: 1, out: answer.refusal.errno } };
    },
  },
  settles: true,
  asked: ({ mod }, { resolve }) => `rmmod ${resolve(mod)}`,
  outcome: ({ result }) =>
    result["rc"] === 0 ? { outcome: "done", good: true } : { outcome: String(result["out"]).trim(), good: false },
  staysInMachine: true,
  example: { op: "rmmod", mod: "kmem" },
});
