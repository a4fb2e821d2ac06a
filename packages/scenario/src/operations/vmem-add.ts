import { boardError } from "./board-answer.ts";
import { whole } from "./compared.ts";
import { bytesOf, count, name, size, sizeOf } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

export const vmemAdd: Operation = operation({
  op: "vmem_add",
  about: "A virtio-mem device is plugged in at run time, on a PCIe root port",
  operands: Type.Object({
    id: name({ description: "Name of the device" }),
    size: size({ description: "The most that may be plugged" }),
    node: Type.Optional(count({ description: "Proximity domain; 0 unless told otherwise" })),
    props: Type.Optional(
      Type.Object(
        {
          bus: Type.Optional(name({ description: "Root port: -device pcie-root-port,id=… of machine.extra" })),
          "requested-size": Type.Optional(size()),
          "block-size": Type.Optional(size()),
        },
        { additionalProperties: false, description: "Properties of the device, as QEMU calls them" },
      ),
    ),
  }),
  check({ size, props: { "requested-size": requested = 0, "block-size": block } = {} }) {
    bytesOf("vmem_add", "size", size);
    sizeOf("vmem_add", "props.requested-size", requested);
    if (block !== undefined) bytesOf("vmem_add", "props.block-size", block);
  },
  acts: {
    on: "target",
    async perform({ monitor }, { id, size, node = 0, props = {} }) {
      const requestedBytes = sizeOf("vmem_add", "props.requested-size", props["requested-size"] ?? 0);
      const block = props["block-size"];
      const order = {
        id,
        sizeBytes: bytesOf("vmem_add", "size", size),
        node,
        ...(props.bus === undefined ? {} : { bus: props.bus }),
        ...(requestedBytes === 0 ? {} : { requestedBytes }),
        ...(block === undefined ? {} : { blockBytes: bytesOf("vmem_add", "props.block-size", block) }),
      };
      return { result: await monitor.addVirtioMem(order) };
    },
  },
  settles: true,
  asked: ({ id, size, node = 0 }, { resolve }) => `plug in virtio-mem ${resolve(id)}: at most ${size} for node ${node}`,
  outcome: ({ result }) =>
    boardError(result, "object_add") ?? boardError(result, "device_add") ?? { outcome: "plugged in", good: true },
  compared: (kernel, memhp) => whole(kernel, memhp),
  example: { op: "vmem_add", id: "vm1", size: "1G", node: 0, props: { bus: "rp0" } },
});
