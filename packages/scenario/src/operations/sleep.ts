import { seconds } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

export const sleep: Operation = operation({
  op: "sleep",
  about: "The same as wait, in seconds",
  operands: Type.Object({ s: seconds({ description: "Simulated seconds" }) }),
  acts: {
    on: "target",
    async perform({ clock }, { s }) {
      await clock.wait(Math.round(s * 1e9));
      return { result: {} };
    },
  },
  settles: true,
  asked: ({ s }) => `sleep ${s} s`,
  staysInMachine: true,
  example: { op: "sleep", s: 10 },
});
