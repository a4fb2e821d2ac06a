/** What a QOM path leads to. */
export type QomKind = "memory-backend" | "device" | "container";

/** The objects of a machine that a user can name. */
export interface QomNames {
  readonly backends: Iterable<string>;
  /** Ids of devices. */
  readonly devices: Iterable<string>;
  /** Names of devices without an id, such as `device[0]`. */
  readonly anonymousDevices?: Iterable<string>;
}

const PERIPHERAL = "/machine/peripheral";

/** Ids as QEMU accepts them (id_wellformed). */
export function isWellFormedId(id: string): boolean {
  return /^[a-zA-Z][a-zA-Z0-9._-]*$/.test(id);
}

export function devicePath(id: string): string {
  return `${PERIPHERAL}/${id}`;
}

/** The id of a device whose path this is, or undefined for another path. */
export function deviceIdOf(path: string): string | undefined {
  return path.startsWith(`${PERIPHERAL}/`) ? path.slice(PERIPHERAL.length + 1) : undefined;
}

/** The last name of a path: the id of a backend. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * What a path names (qom/object.c, object_resolve_path): an absolute path, or the end of one, so that the
 * id of a backend is enough.
 */
export function resolveQomPath(path: string, names: QomNames): QomKind | undefined {
  const parts = path.split("/").filter((part) => part !== "");
  const wanted = `/${parts.join("/")}`;
  for (const [known, kind] of knownPaths(names)) {
    if (path.startsWith("/") ? known === wanted : known.endsWith(wanted)) return kind;
  }
  return undefined;
}

function* knownPaths({ backends, devices, anonymousDevices = [] }: QomNames): Generator<[string, QomKind]> {
  for (const id of backends) yield [`/objects/${id}`, "memory-backend"];
  for (const id of devices) yield [devicePath(id), "device"];
  for (const name of anonymousDevices) yield [`/machine/peripheral-anon/${name}`, "device"];
  for (const path of ["/", "/objects", "/machine", PERIPHERAL, "/machine/peripheral-anon"]) yield [path, "container"];
}
