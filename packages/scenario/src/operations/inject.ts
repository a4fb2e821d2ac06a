import { type ErrnoName, errnoNames, errnoNumber } from "@memhp/abi";
import { refuseInjection } from "../refuse-injection.ts";
import { word } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

/** The kernel's MAX_ERRNO. */
const MAX_ERRNO = 4095;

export const inject: Operation = operation({
  op: "inject",
  about: "memory-notifier-error-inject makes an action of the memory notifier chain fail",
  operands: Type.Object({
    action: word(["MEM_GOING_ONLINE", "MEM_GOING_OFFLINE"], { description: "What fails from now on" }),
    errno: Type.Union([word<ErrnoName>(errnoNames), Type.Integer({ minimum: 0, maximum: MAX_ERRNO })], {
      description: "A name such as ENOMEM, or its number; 0 ends it",
    }),
  }),
  acts: {
    on: "machine",
    async perform({ machine }, { action, errno }) {
      const notBuilt = refuseInjection(machine);
      if (notBuilt !== undefined) {
        machine.tell(notBuilt);
        return { result: { open_errno: notBuilt.errno, ret: 0, errno: 0 } };
      }
      if (machine.errorInjection === undefined) machine.loadErrorInjection(0);
      const value = errno === 0 ? 0 : -errnoNumber(errno);
      const path = `/sys/kernel/debug/notifier-error-inject/memory/actions/${action}/error`;
      const { openErrno, ret, errno: failed } = await machine.files.write(path, String(value));
      return { result: { open_errno: openErrno, ret, errno: failed } };
    },
  },
  asked: ({ action, errno }) => `inject action ${action}, errno ${errno}`,
  staysInMachine: true,
  example: { op: "inject", action: "MEM_GOING_OFFLINE", errno: "EBUSY" },
});
