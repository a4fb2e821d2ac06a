import { type AcpiMethods, type AcpiNode, createNode } from "./namespace-node.ts";

/** A device of the namespace as a firmware author writes it down: the object's name and what it contains. JSON. */
export interface AcpiDeviceDescription extends AcpiMethods {
  /** Name segment of one to four characters; shorter ones are padded with `_`, as in ACPI. */
  readonly name: string;
  readonly children?: readonly AcpiDeviceDescription[];
}

/** Everything below `\_SB_`. */
export interface NamespaceDescription {
  readonly devices: readonly AcpiDeviceDescription[];
}

/** Something is wrong with the description of a namespace: where, and what is allowed. */
export class NamespaceError extends Error {
  override readonly name = "NamespaceError";
}

/** The firmware's tree of devices. What its methods answer may change; which devices it has does not. */
export interface AcpiNamespace {
  /** `\`, which Linux calls LNXSYSTM:00. */
  readonly root: AcpiNode;
  /** All devices, each before its children. */
  readonly nodes: readonly AcpiNode[];
  /** Finds `\_SB_.MHPC.MP00`; padding may be left out. */
  byPath(path: string): AcpiNode | undefined;
  /** Finds `PNP0C80:00`. */
  byBusId(busId: string): AcpiNode | undefined;
  /**
   * Changes what a device's methods answer from now on: _STA and _CRS of a slot when a DIMM comes or goes.
   * @throws NamespaceError for an unknown path.
   */
  set(path: string, methods: Partial<AcpiMethods>): void;
  /** Devices whose methods do not answer what the description says any more. */
  changed(): readonly AcpiNode[];
}

const segment = /^[A-Z_][A-Z0-9_]{0,3}$/;
const hardwareId = /^[A-Z]{3}[0-9A-F]{4}$|^[A-Z0-9]{4}[0-9A-F]{4}$/;

/**
 * Builds a namespace. Bus ids count per hardware id in the order of the namespace, depth first: Linux makes a device
 * object for every device at boot, empty slots too (observed-6 §8: all 16 slots exist).
 * @throws NamespaceError
 */
export function createNamespace(description: NamespaceDescription): AcpiNamespace {
  const nodes: AcpiNode[] = [];
  const instances = new Map<string, number>();

  function add(parent: AcpiNode | undefined, name: string, id: string, methods: AcpiMethods): AcpiNode {
    const instance = instances.get(id) ?? 0;
    instances.set(id, instance + 1);
    const node = createNode(parent, name, `${id}:${instance.toString(16).padStart(2, "0")}`, methods);
    nodes.push(node);
    return node;
  }

  function addAll(parent: AcpiNode, devices: readonly AcpiDeviceDescription[]): void {
    const taken = new Set<string>();
    for (const { name, children = [], ...methods } of devices) {
      check(parent, name, methods, taken);
      addAll(add(parent, name.padEnd(4, "_"), methods._HID ?? "device", methods), children);
    }
  }

  const root = add(undefined, "\\", "LNXSYSTM", { _HID: "LNXSYSTM" });
  addAll(add(root, "_SB_", "LNXSYBUS", { _HID: "LNXSYBUS" }), description.devices);

  const described = new Map(nodes.map((node) => [node, node.methods]));
  const paths = new Map(nodes.map((node) => [node.path, node]));
  const busIds = new Map(nodes.map((node) => [node.busId, node]));
  const byPath = (path: string): AcpiNode | undefined => paths.get(paddedPath(path));
  return {
    root,
    nodes,
    byPath,
    byBusId: (busId) => busIds.get(busId),
    set(path, methods) {
      const node = byPath(path);
      if (node === undefined) throw new NamespaceError(`no device ${path} in the namespace`);
      node.methods = { ...node.methods, ...methods };
    },
    changed: () => nodes.filter((node) => node.methods !== described.get(node)),
  };
}

function check(parent: AcpiNode, name: string, methods: AcpiMethods, taken: Set<string>): void {
  const where = `${parent.path === "\\" ? "" : parent.path}.${name}`;
  if (!segment.test(name)) {
    throw new NamespaceError(`${where}: a name has one to four of A-Z, 0-9, _ and no digit first`);
  }
  const padded = name.padEnd(4, "_");
  if (taken.has(padded)) throw new NamespaceError(`${where}: the name is taken`);
  taken.add(padded);
  if (methods._HID !== undefined && !hardwareId.test(methods._HID)) {
    throw new NamespaceError(
      `${where}: _HID ${JSON.stringify(methods._HID)} is neither like PNP0C80 nor like ACPI0004`,
    );
  }
  for (const { start, size } of methods._CRS === "fails" ? [] : (methods._CRS ?? [])) {
    if (!isBytes(start) || !isBytes(size)) throw new NamespaceError(`${where}: _CRS start and size are whole bytes`);
  }
}

function isBytes(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function paddedPath(path: string): string {
  if (!path.startsWith("\\") || path === "\\") return path;
  const names = path.slice(1).split(".");
  return `\\${names.map((name) => name.padEnd(4, "_")).join(".")}`;
}
