import { whole } from "./compared.ts";
import { absolute, background, path, text, timeoutMs } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { oneLine, written } from "./words.ts";
import { Type } from "../schema/type.ts";

export const write: Operation = operation({
  op: "write",
  about: "One write(2) to any file of /sys, /proc or debugfs: drop_caches, nr_hugepages, soft_offline_page, …",
  operands: Type.Object({
    path: path(),
    data: text({ description: "The bytes that are written, as text" }),
    background: Type.Optional(background()),
    timeout_ms: Type.Optional(timeoutMs()),
  }),
  acts: {
    on: "target",
    async perform({ guest }, { path, data, background, timeout_ms }) {
      const answer = await guest.write(absolute(path), data, {
        ...(timeout_ms !== undefined && { timeoutMs: timeout_ms }),
        ...(background !== undefined && { background }),
      });
      return { result: answer ?? { background: true } };
    },
  },
  blockOf({ path }) {
    const block = /\/memory(\d+)\/(?:state|online)$/.exec(absolute(path));
    return block === null ? undefined : Number(block[1]);
  },
  // Through an `eject` file the guest asks for its own eject, which the kernel only queues.
  settles: ({ path }) => path.endsWith("/eject"),
  asked: ({ path, data }, { resolve }) => `echo ${oneLine(resolve(data))} > ${resolve(path)}`,
  outcome: ({ result }, { data }) => written(result, data),
  compared: (kernel, memhp) => whole(kernel, memhp),
  staysInMachine: true,
  example: { op: "write", path: "/proc/sys/vm/drop_caches", data: "3\n" },
});
