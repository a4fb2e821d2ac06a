import { whole } from "./compared.ts";
import { leftOver } from "./left-over.ts";
import { name, seconds } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { oneLine } from "./words.ts";
import { Type } from "../schema/type.ts";

type Json = Readonly<Record<string, unknown>>;

/** Sizes of virtio-mem devices that have more than was requested last, as they can be compared. */
function withLeftOvers(result: Json): Json {
  const devices = result["return"];
  if (!Array.isArray(devices)) return result;
  const view = (device: { readonly data?: Json }): Json => {
    const { data } = device;
    const isMore = Number(data?.["size"]) > Number(data?.["requested-size"]);
    return isMore ? { ...device, data: { ...data, size: leftOver(data?.["size"]) } } : device;
  };
  return { ...result, return: (devices as { readonly data?: Json }[]).map(view) };
}

export const qmp: Operation = operation({
  op: "qmp",
  about: "One command of QEMU's monitor, as it stands",
  operands: Type.Object({
    cmd: name({ description: "device_del, query-memory-devices, …" }),
    args: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    until: Type.Optional(Type.Array(Type.String(), { description: "Events that the recorder waits for" })),
    wait: Type.Optional(seconds({ description: "How long it waits for them; 10 seconds unless told otherwise" })),
    sleep: Type.Optional(seconds({ description: "Seconds that the recorder waits afterwards" })),
  }),
  acts: {
    on: "target",
    async perform({ monitor, clock }, { cmd, args = {}, until: events, wait, sleep = 0 }) {
      const waitNs = wait === undefined ? {} : { waitNs: Math.round(wait * 1e9) };
      const result = await monitor.execute(cmd, args, events === undefined ? undefined : { events, ...waitNs });
      if (sleep > 0) await clock.wait(Math.round(sleep * 1e9));
      return { result };
    },
  },
  settles: true,
  asked: ({ cmd, args, sleep }, { resolve }) =>
    [
      `qmp cmd ${oneLine(cmd)}`,
      ...(args === undefined ? [] : [`args ${oneLine(resolve(JSON.stringify(args)))}`]),
      ...(sleep === undefined ? [] : [`sleep ${sleep}`]),
    ].join(", "),
  outcome({ result }) {
    const { error } = result as { readonly error?: { readonly desc?: unknown } };
    return error === undefined ? { outcome: "done", good: true } : { outcome: String(error.desc), good: false };
  },
  compared: (kernel, memhp) => whole(withLeftOvers(kernel), withLeftOvers(memhp)),
  example: { op: "qmp", cmd: "query-memory-devices" },
});
