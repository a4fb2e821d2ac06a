import { name, word } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

export const ueventFault: Operation = operation({
  op: "uevent_fault",
  about: "Uevents are lost or doubled on their way to udev from now on; SEQNUM tells",
  operands: Type.Object({
    action: name({ description: "Pattern of actions: add, online|offline, *" }),
    devpath: name({ description: "Pattern of device paths: */memory33" }),
    effect: word(["lost", "doubled"]),
    every: Type.Optional(Type.Integer({ minimum: 1, maximum: 1e9, description: "Only each n-th of those that fit" })),
    times: Type.Optional(Type.Integer({ minimum: 1, maximum: 1e9, description: "Only so many" })),
  }),
  acts: {
    on: "machine",
    async perform({ userspace }, { action, devpath, effect, every, times }) {
      userspace.ueventFaults.add({
        action,
        devpath,
        effect,
        ...(every !== undefined && { every }),
        ...(times !== undefined && { times }),
      });
      return { result: {} };
    },
  },
  asked: ({ action, devpath, effect }) => `let uevents ${action}@${devpath} be ${effect}`,
  example: { op: "uevent_fault", action: "add", devpath: "*/memory33", effect: "lost" },
});
