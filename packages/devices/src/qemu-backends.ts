import type { IgnoredWord } from "./ignored-word.ts";
import { ignoredFields, type QemuDevice, qemuFields, type QemuOption } from "./qemu-options.ts";
import { fail, size } from "./spec-fields.ts";

/** Memory of the host that a device of the command line can be made of. */
export interface QemuBackend {
  readonly sizeBytes: number;
  readonly option: QemuOption;
  readonly ignored: readonly IgnoredWord[];
}

const FIELDS: ReadonlySet<string> = new Set(["id", "size"]);

/** `-object memory-backend-…` by id: QEMU makes all objects before any device, in whatever order they stand. @throws SpecError */
export function readQemuBackends(options: readonly QemuOption[]): Map<string, QemuBackend> {
  const backends = new Map<string, QemuBackend>();
  for (const option of options) {
    if (option.name !== "-object" || option.value === undefined) continue;
    const { type, fields } = qemuFields(option.value);
    if (!type.startsWith("memory-backend")) continue;
    const ignored = ignoredFields(option, fields, FIELDS, "it concerns memory of the host, which memhp has not");
    const id = fields.get("id") ?? "";
    if (backends.has(id)) fail(option.where, `attempt to add duplicate property '${id}' to object (type 'container')`);
    backends.set(id, { sizeBytes: size(fields.get("size"), option.where), option, ignored });
  }
  return backends;
}

/** The backend that a device names. @throws SpecError where there is none */
export function backendOf(
  backends: ReadonlyMap<string, QemuBackend>,
  { option, fields }: QemuDevice,
): { readonly memdev: string; readonly backend: QemuBackend } {
  const memdev = fields.get("memdev") ?? "";
  const backend = backends.get(memdev) ?? fail(option.where, `no memory backend ${JSON.stringify(memdev)}`);
  return { memdev, backend };
}
