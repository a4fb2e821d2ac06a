import { checkedTask, done, oneOf, refused, type Result, type Task, text } from "@memhp/abi";
import {
  type HotplugOutcome,
  isEnabled,
  NOTIFY_BUS_CHECK,
  NOTIFY_DEVICE_CHECK,
  NOTIFY_EJECT_REQUEST,
} from "@memhp/acpi";
import type { DeviceHost } from "../device-type.ts";
import type { ContainerSpec } from "./container-spec.ts";
import { type Container, Containers } from "./containers.ts";

/** What firmware says when a container comes: a bus check or a device check. */
export type ContainerNotify = typeof NOTIFY_BUS_CHECK | typeof NOTIFY_DEVICE_CHECK;

/** The containers of a running machine: their places, and what firmware and kernel tell each other of them. */
export class MachineContainers extends Containers {
  readonly #host: DeviceHost;

  /** @throws SpecError where two memory devices overlap or one lies outside the window. */
  constructor(host: DeviceHost, specs: readonly ContainerSpec[]) {
    super(specs, host.board.window, host.room.end);
    this.#host = host;
  }

  /** The machine as it is by now: containers that came are there at boot, and those that left are not. */
  specNow(specs: readonly ContainerSpec[]): ContainerSpec[] {
    return specs.map((spec) => {
      const container = this.get(spec.id);
      const present = container !== undefined && this.isInserted(container);
      return { ...spec, present, containers: this.specNow(spec.containers) };
    });
  }

  /** Whether a container is in the machine. */
  isInserted({ path }: Container): boolean {
    return isEnabled(this.#host.acpi.namespace.byPath(path)?.methods._STA);
  }

  /**
   * Puts a container in with all that is in it, and lets firmware tell the kernel: bus check or device check. One that is there is
   * only notified.
   */
  insert(id: string, value: ContainerNotify): Task<Result<HotplugOutcome>> {
    const check = (): void => {
      text("containers.insert: id", id);
      oneOf("containers.insert: value", value, [NOTIFY_BUS_CHECK, NOTIFY_DEVICE_CHECK]);
    };
    return this.#locked(
      () => `notify of container ${id}`,
      check,
      async () => {
        const container = this.get(id);
        if (container === undefined) return this.#unknown(id);
        const { outer } = container;
        if (outer !== undefined && !this.isInserted(outer))
          return notThere(outer, `insert ${outer.id}, which brings ${id}`);
        this.fill(this.#host.acpi.namespace, container.path);
        return done(await this.#host.notify(container, value));
      },
    );
  }

  /** Asks the kernel to give a container back: EBUSY until userspace has taken its members and itself offline (facts/kernel.md §6.5). */
  eject(id: string): Task<Result<HotplugOutcome>> {
    const check = (): void => text("containers.eject: id", id);
    return this.#locked(
      () => `eject of container ${id}`,
      check,
      async () => {
        const container = this.get(id);
        if (container === undefined) return this.#unknown(id);
        if (!this.isInserted(container)) return notThere(container, `insert ${id} first`);
        return done(await this.#host.notify(container, NOTIFY_EJECT_REQUEST));
      },
    );
  }

  /** The kernel evaluated _OST of a container, or of memory in one. */
  ost(path: string, source: number, status: number): boolean {
    const device = this.idAt(path);
    if (device === undefined) return false;
    this.#host.emit({ type: "acpi_ost", device, source, status });
    return true;
  }

  /** The kernel evaluated _EJ0. */
  ejected(path: string): boolean {
    const device = this.idAt(path);
    if (device === undefined) return false;
    this.takeAway(this.#host.acpi.namespace, path);
    this.#host.emit({ type: "device_deleted", device, of: "container" });
    return true;
  }

  #locked<T>(name: () => string, check: () => void, body: () => Promise<T>): Task<T> {
    return checkedTask("containers", check, () => this.#host.start(name(), () => this.#host.underLock(body)));
  }

  #unknown(id: string): Result<never> {
    const known = this.list().map((each) => each.id);
    return refused({
      errno: "ENODEV",
      code: "no_entry",
      rule: "the machine has no container of this name",
      retry: "no",
      remedy: known.length === 0 ? ["give the machine containers"] : [`name one of ${known.join(", ")}`],
      detail: id,
    });
  }
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
