/** What a QOM path leads to. */
export type QomKind = "memory-backend" | "device" | "container";

/** The objects of a machine that a user can name. */
export interface QomNames {
  readonly backends: Iterable<string>;
  /** Ids of devices; of one without, its path. */
  readonly devices: Iterable<string>;
}

const PERIPHERAL = "/machine/peripheral";
const ANONYMOUS = "/machine/peripheral-anon";

/** What every machine has beside its DIMMs. The devices of its board are not named here. */
const CONTAINERS: readonly string[] = [
  "/",
  "/objects",
  "/chardevs",
  "/machine",
  PERIPHERAL,
  ANONYMOUS,
  "/machine/unattached",
];

/** Ids as QEMU accepts them (id_wellformed). */
export function isWellFormedId(id: string): boolean {
  return /^[a-zA-Z][a-zA-Z0-9._-]*$/.test(id);
}

export function devicePath(id: string): string {
  return `${PERIPHERAL}/${id}`;
}

/** QEMU counts devices that have no id, whether or not they then come to be. */
export function anonymousDevicePath(number: number): string {
  return `${ANONYMOUS}/device[${number}]`;
}

/** How a device is told of: by its path, and by its id if it has one. `name` is the id or, of one without, the path. */
export function deviceLabel(name: string): { readonly id?: string; readonly path: string } {
  return name.startsWith("/") ? { path: name } : { id: name, path: devicePath(name) };
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

function* knownPaths({ backends, devices }: QomNames): Generator<[string, QomKind]> {
  for (const id of backends) yield [`/objects/${id}`, "memory-backend"];
  for (const name of devices) yield [deviceLabel(name).path, "device"];
  for (const path of CONTAINERS) yield [path, "container"];
}
