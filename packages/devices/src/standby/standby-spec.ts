import type { SchemaPart, SchemaWords } from "../schema-part.ts";
import type { SpecPart } from "../spec-part.ts";
import { fail, size } from "../spec-fields.ts";

/** Standby memory behind boot memory; bytes. */
export interface StandbySpec {
  readonly sizeBytes: number;
}

/** Each block has two files. */
const MOST_BYTES = 2 ** 41;

/** `machine.standby`, in both forms of a machine. */
export function standbySchema({ Type, size: bytes }: SchemaWords): SchemaPart {
  return {
    both: {
      standby: Type.Optional(
        bytes({
          description:
            "Standby memory of s390x, behind boot memory: /sys/firmware/memory/memoryN/config configures it, block by block",
        }),
      ),
    },
  };
}

/** @throws SpecError */
export function readStandby(raw: Readonly<Record<string, unknown>>): SpecPart<StandbySpec> {
  if (raw["standby"] === undefined) return {};
  const sizeBytes = size(raw["standby"], "machine.standby");
  if (sizeBytes > MOST_BYTES) fail("machine.standby", "expected at most 2T");
  if (sizeBytes === 0) return {};
  return { spec: { sizeBytes }, room: { slots: 0, bytes: sizeBytes, largestBytes: sizeBytes } };
}
