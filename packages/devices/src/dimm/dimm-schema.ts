import type { SchemaPart, SchemaWords } from "../schema-part.ts";

/** `machine.dimms` of the short form. In QEMU's view DIMMs are further words for QEMU. */
export function dimmSchema({ Type, count, size, maxDevices }: SchemaWords): SchemaPart {
  return {
    short: {
      dimms: Type.Optional(
        Type.Object(
          {
            per_node: Type.Optional(count({ maximum: maxDevices })),
            size: size(),
          },
          {
            additionalProperties: false,
            description: "DIMMs that are there before the first step, their blocks offline",
          },
        ),
      ),
    },
  };
}
