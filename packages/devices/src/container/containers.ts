import { type AcpiDeviceDescription, type AcpiNamespace, type AcpiNode, isEnabled, STA_DEFAULT } from "@memhp/acpi";
import type { ByteRange } from "@memhp/platforms";
import { type ContainerMemory, placeContainerMemory } from "./container-memory.ts";
import { type ContainerSpec, withNested } from "./container-spec.ts";

/** A container of the machine, whether it is there or not. */
export interface Container {
  readonly id: string;
  /** Place in the namespace: `\_SB_.C000`. */
  readonly path: string;
  /** The container that it is in. */
  readonly outer: Container | undefined;
  /** All memory in it, that of nested containers included. */
  readonly memory: readonly ContainerMemory[];
}

/** The containers of a machine as firmware knows them: their places in the namespace, the addresses of their memory. */
export class Containers {
  /** What the namespace holds below `\_SB_` because of them. */
  readonly devices: readonly AcpiDeviceDescription[];
  readonly #containers = new Map<string, Container>();
  readonly #memory: ReadonlyMap<string, ContainerMemory>;
  /** Ids of containers and of the memory in them, by path. */
  readonly #ids = new Map<string, string>();

  /** @throws SpecError where two memory devices overlap or one lies outside the window. */
  constructor(specs: readonly ContainerSpec[], window: ByteRange, roomEnd: number = window.end) {
    const placed = placeContainerMemory(specs, window, roomEnd);
    this.#memory = new Map(placed.map((memory) => [memory.id, memory]));
    this.devices = specs.map((each, i) => this.#describe(each, i, undefined));
  }

  /** Containers, each before those in it. */
  list(): Container[] {
    return [...this.#containers.values()];
  }

  get(id: string): Container | undefined {
    return this.#containers.get(id);
  }

  /** All memory devices that containers can bring. */
  memory(): ContainerMemory[] {
    return [...this.#memory.values()];
  }

  /** Those that are in the machine. */
  insertedMemory(namespace: AcpiNamespace): ContainerMemory[] {
    return [...this.#ids].flatMap(([path, id]) => {
      const memory = this.#memory.get(id);
      return memory !== undefined && isEnabled(namespace.byPath(path)?.methods._STA) ? [memory] : [];
    });
  }

  /** Whether a container, or memory in one, has this name. */
  has(id: string): boolean {
    return this.#containers.has(id) || this.#memory.has(id);
  }

  /** Name of the container, or of the memory in one, at a place of the namespace. */
  idAt(path: string): string | undefined {
    return this.#ids.get(path);
  }

  /** From now on the device and all in it are there. */
  fill(namespace: AcpiNamespace, path: string): void {
    for (const node of subtree(namespace.byPath(path))) {
      const memory = this.#memory.get(this.#ids.get(node.path) ?? "");
      namespace.set(node.path, { _STA: STA_DEFAULT, ...(memory === undefined ? {} : { _CRS: resources(memory) }) });
    }
  }

  /** _EJ0: the device and all in it are gone. */
  takeAway(namespace: AcpiNamespace, path: string): void {
    for (const node of subtree(namespace.byPath(path)))
      namespace.set(node.path, { _STA: 0, ...(node.methods._CRS === undefined ? {} : { _CRS: [] }) });
  }

  #describe(spec: ContainerSpec, index: number, outer: Container | undefined): AcpiDeviceDescription {
    const name = segment("C", index);
    const path = `${outer?.path ?? "\\_SB_"}.${name}`;
    const memory = withNested([spec]).flatMap((each) => each.memory.map(({ id }) => this.#memoryOf(id)));
    const container: Container = { id: spec.id, path, outer, memory };
    this.#containers.set(spec.id, container);
    this.#ids.set(path, spec.id);
    return {
      name,
      _HID: spec.hid,
      _UID: spec.uid ?? spec.id,
      ...(spec.node === undefined ? {} : { _PXM: spec.node }),
      ...present(spec),
      children: [
        ...spec.memory.map(({ id }, i) => this.#describeMemory(spec, id, `${path}.${segment("M", i)}`)),
        ...spec.containers.map((each, i) => this.#describe(each, i, container)),
      ],
    };
  }

  #describeMemory(spec: ContainerSpec, id: string, path: string): AcpiDeviceDescription {
    this.#ids.set(path, id);
    const _CRS = spec.present ? resources(this.#memoryOf(id)) : [];
    return { name: path.slice(-4), _HID: "PNP0C80", _UID: id, _CRS, ...present(spec) };
  }

  #memoryOf(id: string): ContainerMemory {
    return this.#memory.get(id) as ContainerMemory;
  }
}

/** `C000`, `M00A`: a name of the namespace. */
function segment(letter: string, index: number): string {
  return `${letter}${index.toString(36).toUpperCase().padStart(3, "0")}`;
}

function present(spec: ContainerSpec): Pick<AcpiDeviceDescription, "_STA" | "_EJ0" | "_OST"> {
  return { _STA: spec.present ? STA_DEFAULT : 0, _EJ0: true, _OST: true };
}

function resources({ addr, sizeBytes }: ContainerMemory): AcpiDeviceDescription["_CRS"] & {} {
  return [{ type: "memory", start: addr, size: sizeBytes }];
}

function subtree(node: AcpiNode | undefined): AcpiNode[] {
  return node === undefined ? [] : [node, ...node.children.flatMap((child) => subtree(child))];
}
