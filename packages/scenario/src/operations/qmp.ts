import { Type } from "@sinclair/typebox";
import { whole } from "./compared.ts";
import { leftOver } from "./left-over.ts";
import { name, seconds } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { oneLine } from "./words.ts";

function isRefused(result: unknown): boolean {
  return typeof result === "object" && result !== null && "error" in result;
}

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
    wait: Type.Optional(seconds({ description: "Seconds that the recorder waits for them" })),
    sleep: Type.Optional(seconds({ description: "Seconds that the recorder waits afterwards" })),
  }),
  acts: {
    on: "target",
    async perform({ monitor, clock }, { cmd, args = {}, until = [], wait: seconds = 0, sleep = 0 }) {
      const result = await monitor.execute(cmd, args);
      const isAccepted = !isRefused(result);
      if (until.length > 0 && isAccepted && seconds > 0) await clock.wait(Math.round(seconds * 1e9));
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
  compared: (kernel, memhp) => whole(withLeftOvers(kernel), withLeftOvers(memhp)),
  example: { op: "qmp", cmd: "query-memory-devices" },
});
