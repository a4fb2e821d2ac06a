import type { SchemaPart, SchemaWords } from "../schema-part.ts";

/** `machine.virtio_mem` of the short form. In QEMU's view these devices are further words for QEMU. */
export function virtioMemSchema({ Type, id, node, size, maxDevices }: SchemaWords): SchemaPart {
  const device = Type.Object(
    {
      id,
      size: size({ description: "The most that may be plugged" }),
      node: Type.Optional(node),
      block_size: Type.Optional(size({ description: "What is plugged as one; 2M unless told otherwise" })),
      requested: Type.Optional(size({ description: "requested-size from the start; 0 unless told otherwise" })),
    },
    { additionalProperties: false },
  );
  return {
    short: {
      virtio_mem: Type.Optional(
        Type.Array(device, {
          maxItems: maxDevices,
          description: "virtio-mem devices; `insmod virtio_mem` loads their driver, `vmem_set` asks for a size",
        }),
      ),
    },
  };
}
