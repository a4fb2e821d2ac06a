import type { IgnoredWord } from "../ignored-word.ts";
import { ignoredFields, qemuDevices, readQemuOptions } from "../qemu-options.ts";
import type { SchemaPart, SchemaWords } from "../schema-part.ts";
import { fail, trueOrFalse } from "../spec-fields.ts";
import type { SpecPart, SpecReading } from "../spec-part.ts";

/** The balloon of a machine. */
export interface BalloonSpec {
  readonly id: string;
}

const DRIVERS: ReadonlySet<string> = new Set([
  "virtio-balloon",
  "virtio-balloon-pci",
  "virtio-balloon-ccw",
  "virtio-balloon-device",
]);
const FIELDS: ReadonlySet<string> = new Set(["id"]);
const DEFAULT_ID = "balloon0";

/** `-device virtio-balloon-pci` of QEMU's view, `balloon: true` of the short form. @throws SpecError */
export function readBalloon(raw: Readonly<Record<string, unknown>>, reading: SpecReading): SpecPart<BalloonSpec> {
  if (!reading.isShortForm) return readLine(raw["extra"]);
  return trueOrFalse(raw["balloon"], "machine.balloon", false) ? { spec: { id: DEFAULT_ID }, ids: [DEFAULT_ID] } : {};
}

function readLine(raw: unknown): SpecPart<BalloonSpec> {
  const ignored: IgnoredWord[] = [];
  const qemuOptions: number[] = [];
  let spec: BalloonSpec | undefined;
  for (const { option, type, fields } of qemuDevices(readQemuOptions(raw))) {
    if (!DRIVERS.has(type)) continue;
    // hw/virtio/virtio-balloon.c: qemu_add_balloon_handler.
    if (spec !== undefined) fail(option.where, "Only one balloon device is supported");
    spec = { id: fields.get("id") ?? DEFAULT_ID };
    qemuOptions.push(option.at);
    ignored.push(...ignoredFields(option, fields, FIELDS, whyNot));
  }
  return spec === undefined ? {} : { spec, ids: [spec.id], qemuOptions, ignored };
}

function whyNot(field: string): string {
  if (field === "deflate-on-oom") return "memhp's balloon keeps what it has when memory runs out";
  if (field.startsWith("free-page-")) return "what the host does with free pages, no guest sees";
  return "memhp has no such property of this device";
}

/** `machine.balloon` of the short form. In QEMU's view it is a further word for QEMU. */
export function balloonSchema({ Type }: SchemaWords): SchemaPart {
  return {
    short: {
      balloon: Type.Optional(
        Type.Boolean({
          description:
            "A virtio-balloon; `insmod virtio_balloon` loads its driver, `balloon` tells it what the guest may keep",
        }),
      ),
    },
  };
}
