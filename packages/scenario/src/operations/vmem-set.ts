import type { Pair } from "./compared.ts";
import { leftOver } from "./left-over.ts";
import { name, seconds, size, sizeOf } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { boardError } from "./board-answer.ts";
import { Type } from "../schema/type.ts";

type Json = Readonly<Record<string, unknown>>;

const NS_PER_S = 1e9;
const DEFAULT_WAIT_S = 10;

function plugged({ requested, plugged: bytes, reached }: Json): unknown {
  return reached === false && Number(bytes) > Number(requested) ? leftOver(bytes) : bytes;
}

function fields(result: Json): Json {
  const device = result["device"] as { readonly data?: Json } | undefined;
  const data = device?.data;
  return {
    ...result,
    plugged: plugged(result),
    device:
      data === undefined
        ? device
        : { ...device, data: { ...data, size: plugged({ ...result, plugged: data["size"] }) } },
  };
}

export const vmemSet: Operation = operation({
  op: "vmem_set",
  about: "A virtio-mem device is asked for a size (qom-set requested-size); waits until it is reached",
  operands: Type.Object({
    id: name({ description: "Name of a virtio-mem device" }),
    size: size({ description: "requested-size: a multiple of the device's block size, 0 for nothing" }),
    wait: Type.Optional(
      seconds({ description: `Seconds that the step waits for the guest; ${DEFAULT_WAIT_S} unless told otherwise` }),
    ),
  }),
  check({ size }) {
    sizeOf("vmem_set", "size", size);
  },
  acts: {
    on: "target",
    perform: async ({ monitor }, { id, size, wait = DEFAULT_WAIT_S }) => ({
      result: await monitor.requestVirtioMem(id, sizeOf("vmem_set", "size", size), wait * NS_PER_S),
    }),
  },
  settles: true,
  asked: ({ id, size }, { resolve }) => `ask virtio-mem ${resolve(id)} for ${size}`,
  outcome({ result }) {
    const refused = boardError(result, "qom_set");
    if (refused !== undefined) return refused;
    const bytes = Number(result["plugged"]);
    const plugged = bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}M plugged` : `${bytes} bytes plugged`;
    const good = result["reached"] === true;
    return { outcome: good ? plugged : `not reached, ${plugged}`, good };
  },
  compared: (kernel, memhp): Pair[] => [["result", fields(kernel), fields(memhp)]],
  example: { op: "vmem_set", id: "vm0", size: "512M" },
});
