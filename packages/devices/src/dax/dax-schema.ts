import type { SchemaPart, SchemaWords } from "../schema-part.ts";
import { daxSources } from "./dax-spec.ts";

/** `machine.dax`, in both forms of a machine. */
export function daxSchema({ Type, node, size, text, word, maxDevices }: SchemaWords): SchemaPart {
  const device = Type.Object(
    {
      id: Type.Optional(
        text({ maxLength: 16, description: "daxN.0: the device of region N; by default N is its place in the list" }),
      ),
      source: Type.Optional(
        word(daxSources, {
          description:
            "Where its memory comes from: hmem, soft-reserved by firmware (unless told otherwise); cxl, a region of the CXL driver; pmem, a namespace of persistent memory in devdax mode",
        }),
      ),
      size: Type.Optional(size({ description: "Size of the device" })),
      mappings: Type.Optional(
        Type.Array(size(), { minItems: 1, maxItems: 16, description: "Instead of size: a device of several ranges" }),
      ),
      node: Type.Optional(node),
      region: Type.Optional(
        size({ description: "Size of its region, into which it can grow; its own size unless told otherwise" }),
      ),
      addr: Type.Optional(
        Type.Union([Type.String(), Type.Integer({ minimum: 0 })], {
          description: "Physical address of the region; behind all other devices unless told otherwise",
        }),
      ),
      nvdimm: Type.Optional(
        text({
          maxLength: 255,
          description: "Instead of all these: the id of an NVDIMM whose namespace is in devdax mode",
        }),
      ),
      present: Type.Optional(Type.Boolean({ description: "Whether it is there at boot; true unless told otherwise" })),
    },
    { additionalProperties: false },
  );
  const dax = Type.Optional(
    Type.Array(device, {
      maxItems: maxDevices,
      description: "dax devices, whose memory the driver kmem can add; `insmod kmem` loads it",
    }),
  );
  return { both: { dax } };
}
