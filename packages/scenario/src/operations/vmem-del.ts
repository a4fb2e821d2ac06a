import { boardError } from "./board-answer.ts";
import { whole } from "./compared.ts";
import { name, seconds } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

export const vmemDel: Operation = operation({
  op: "vmem_del",
  about: "QEMU is asked to take a virtio-mem device away (device_del)",
  operands: Type.Object({
    id: name({ description: "Name of a virtio-mem device" }),
    wait: Type.Optional(seconds({ description: "Seconds that the recorder waits for the guest" })),
  }),
  acts: {
    on: "target",
    perform: async ({ monitor }, { id }) => ({ result: await monitor.removeVirtioMem(id) }),
  },
  settles: true,
  asked: ({ id }, { resolve }) => `ask for virtio-mem ${resolve(id)} back`,
  outcome: ({ result }) => boardError(result, "device_del") ?? { outcome: "given back", good: true },
  compared: (kernel, memhp) => whole(kernel, memhp),
  example: { op: "vmem_del", id: "vm1" },
});
