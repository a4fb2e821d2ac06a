import { done, type EventBody, refused, type Result } from "@memhp/abi";
import {
  type Acpi,
  type AcpiDeviceDescription,
  type AcpiNamespace,
  type AcpiNode,
  type HotplugOutcome,
  isEnabled,
  type NOTIFY_BUS_CHECK,
  type NOTIFY_DEVICE_CHECK,
  NOTIFY_EJECT_REQUEST,
  STA_DEFAULT,
} from "@memhp/acpi";
import type { Platform } from "@memhp/platforms";
import { dimmWindow } from "./board.ts";
import { type ContainerMemory, placeContainerMemory } from "../spec/container-memory.ts";
import { type ContainerSpec, withNested } from "../spec/container-spec.ts";
import type { MachineSpec } from "../spec/spec.ts";

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
  constructor(platform: Platform, spec: MachineSpec) {
    const specs = spec.containers ?? [];
    const placed = placeContainerMemory(specs, dimmWindow(platform, spec));
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

/** What the firmware's side of a container needs of the machine. */
export interface ContainerHost {
  readonly acpi: Acpi;
  readonly containers: Containers;
  emit(body: EventBody): void;
}

/** Whether a container is in the machine. */
export function isInserted({ acpi }: Pick<ContainerHost, "acpi">, { path }: Container): boolean {
  return isEnabled(acpi.namespace.byPath(path)?.methods._STA);
}

export type ContainerNotify = typeof NOTIFY_BUS_CHECK | typeof NOTIFY_DEVICE_CHECK;

/** Puts a container in with all that is in it, and notifies the kernel of it. One that is there is only notified. */
export async function insertContainer(
  host: ContainerHost,
  id: string,
  value: ContainerNotify,
): Promise<Result<HotplugOutcome>> {
  const container = host.containers.get(id);
  if (container === undefined) return noContainer(host, id);
  const { outer } = container;
  if (outer !== undefined && !isInserted(host, outer)) return notThere(outer, `insert ${outer.id}, which brings ${id}`);
  host.containers.fill(host.acpi.namespace, container.path);
  return done(await notify(host, container, value));
}

/** Requests the eject of a container (facts/kernel.md §6.5). */
export async function ejectContainer(host: ContainerHost, id: string): Promise<Result<HotplugOutcome>> {
  const container = host.containers.get(id);
  if (container === undefined) return noContainer(host, id);
  if (!isInserted(host, container)) return notThere(container, `insert ${id} first`);
  return done(await notify(host, container, NOTIFY_EJECT_REQUEST));
}

async function notify(host: ContainerHost, { id, path }: Container, value: number): Promise<HotplugOutcome> {
  host.emit({ type: "acpi_notify", device: id, value });
  const outcome = await host.acpi.hotplug(path, value);
  tellRefusals(host, outcome);
  return outcome;
}

/** What the ACPI code refused by itself; a block's refusal is in the stream already. */
export function tellRefusals(host: Pick<ContainerHost, "emit">, { untold }: HotplugOutcome): void {
  for (const refusal of untold) host.emit({ type: "refusal", refusal });
}

function noContainer({ containers }: ContainerHost, id: string): Result<never> {
  const known = containers.list().map((each) => each.id);
  return refused({
    errno: "ENODEV",
    code: "no_entry",
    rule: "the machine has no container of this name",
    retry: "no",
    remedy: known.length === 0 ? ["give the machine containers"] : [`name one of ${known.join(", ")}`],
    detail: id,
  });
}

function notThere({ id }: Container, remedy: string): Result<never> {
  return refused({
    errno: "ENODEV",
    code: "no_entry",
    rule: "firmware notifies only of what is in the machine",
    retry: "no",
    remedy: [remedy],
    detail: `container ${id} is not in the machine`,
  });
}
