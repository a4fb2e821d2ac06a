import { done, formatSize, type Refusal, refused, type Result, type Task } from "@memhp/abi";
import { genericError, OK, type QmpResult } from "@memhp/qmp";
import { type Actor, createActor } from "xstate";
import type { DeviceHost } from "../device-type.ts";
import { SizeEvents } from "../size-events.ts";
import { loadedAlready } from "../loaded-already.ts";
import { type BalloonEvent, balloonMachine } from "./balloon-machine.ts";
import type { BalloonImage } from "./balloon-image.ts";
import type { BalloonSpec } from "./balloon-spec.ts";

/** VIRTIO_BALLOON_PFN_SHIFT: the device counts in 4 KiB whatever the guest's pages are. */
const UNIT = 4096;
const RETRY_NS = 200e6;

/** A balloon as it is now; bytes. */
export interface Balloon {
  readonly id: string;
  /** State of its statechart. */
  readonly state: string;
  /** What the guest may keep, as the monitor told last. */
  readonly requestedBytes: number;
  /** What it has kept: what `query-balloon` answers. */
  readonly actualBytes: number;
  /** What is in the balloon. */
  readonly heldBytes: number;
  /** The same by node. */
  readonly nodes: Readonly<Record<number, number>>;
}

/** The balloon of a machine, if it has one: what QEMU has, and the driver that the kernel may have loaded for it. */
export class Balloons {
  readonly #host: DeviceHost;
  readonly #spec: BalloonSpec | undefined;
  readonly #actor: Actor<typeof balloonMachine>;
  readonly #events: SizeEvents;
  #targetPages: number;
  #actualPages: number;
  #retryAtNs: number | null;
  /** It has told that nothing is free, since it last had the size that it should have. */
  #hasSaid: boolean;
  #isLoaded: boolean;
  #task: Task<void> | undefined;

  /** @param image of a machine that goes on; undefined at boot. */
  constructor(host: DeviceHost, spec: BalloonSpec | undefined, image: BalloonImage | undefined) {
    const id = spec?.id ?? "";
    this.#host = host;
    this.#spec = spec;
    this.#targetPages = image?.targetPages ?? 0;
    this.#actualPages = image?.actualPages ?? 0;
    this.#retryAtNs = image?.retryAtNs ?? null;
    this.#hasSaid = image?.hasSaid ?? false;
    this.#isLoaded = image?.isLoaded ?? false;
    const event = (actualBytes: number) => ({ type: "balloon_change", device: id, actualBytes }) as const;
    this.#events = new SizeEvents(host, id, event, image?.told);
    const value = (image?.state ?? "unbound") as "unbound";
    const snapshot = balloonMachine.resolveState({ value, context: {} });
    this.#actor = createActor(balloonMachine, { id, snapshot });
    this.#actor.start();
  }

  /** Absent where the machine has none. */
  get balloon(): Balloon | undefined {
    if (this.#spec === undefined) return undefined;
    const { pageBytes } = this.#host.driver;
    const nodes = [...this.#host.driver.pagesOf(this.#owner)].map(
      ([node, pages]) => [node, pages * pageBytes] as const,
    );
    return {
      id: this.#spec.id,
      state: this.#state,
      requestedBytes: this.#ramBytes - this.#targetPages * UNIT,
      actualBytes: this.actualBytes,
      heldBytes: this.#actualPages * UNIT,
      nodes: Object.fromEntries(nodes),
    };
  }

  /** `query-balloon`. */
  get actualBytes(): number {
    return this.#ramBytes - this.#actualPages * UNIT;
  }

  /** `balloon`: what the guest may keep. The answer does not wait for it. */
  request(bytes: number): QmpResult {
    if (this.#spec === undefined) return genericError("No balloon device has been activated");
    if (bytes <= 0) return genericError("Parameter 'target' expects a size");
    // virtio_balloon_to_target: no more than there is.
    this.#targetPages = Math.floor((this.#ramBytes - Math.min(bytes, this.#ramBytes)) / UNIT);
    if (this.#state === "unbound") this.#host.tell(noDriver(this.#spec.id));
    else this.#wake("TARGET");
    return OK;
  }

  /** insmod virtio_balloon. */
  async load(): Promise<Result<void>> {
    if (this.#isLoaded) return refused(loadedAlready());
    this.#isLoaded = true;
    for (const [path, subsystem] of [
      ["/bus/virtio/drivers/virtio_balloon", "drivers"],
      ["/module/virtio_balloon", "module"],
    ] as const)
      this.#host.emit({ type: "uevent", action: "add", devpath: path, subsystem });
    if (this.#spec !== undefined) {
      // A driver begins with nothing in it.
      this.#actualPages = 0;
      this.#wake("PROBE");
    }
    return done(undefined);
  }

  /** After an image: what waited for time waits again. */
  goOn(): void {
    if (this.#retryAtNs !== null) this.#setTimer(this.#retryAtNs);
    this.#events.goOn();
  }

  image(): BalloonImage | undefined {
    if (this.#spec === undefined && !this.#isLoaded) return undefined;
    const told = this.#events.image();
    return {
      isLoaded: this.#isLoaded,
      state: this.#state,
      targetPages: this.#targetPages,
      actualPages: this.#actualPages,
      retryAtNs: this.#retryAtNs,
      hasSaid: this.#hasSaid,
      ...(told === undefined ? {} : { told }),
    };
  }

  /** The target stays, and until a driver tells another size the monitor goes on with the last. */
  imageAfterReset(): BalloonImage | undefined {
    if (this.#spec === undefined) return undefined;
    const { targetPages, actualPages } = { targetPages: this.#targetPages, actualPages: this.#actualPages };
    return { isLoaded: false, state: "unbound", targetPages, actualPages, retryAtNs: null, hasSaid: false };
  }

  get #state(): string {
    return this.#actor.getSnapshot().value;
  }

  /** Under this name the allocator knows its pages. */
  get #owner(): string {
    return `virtio_balloon ${this.#spec?.id ?? ""}`;
  }

  /** get_current_ram_size of QEMU: boot memory and DIMMs, no other device. */
  get #ramBytes(): number {
    const { board, others } = this.#host;
    const dimms = others.devices().filter(({ type }) => type === undefined || type === "dimm");
    return dimms.reduce((sum, { sizeBytes }) => sum + Number(sizeBytes), board.memoryBytes ?? 0);
  }

  /** queue_work: work that is under way looks at the target again by itself. */
  #wake(type: "PROBE" | "TARGET" | "TIMER"): void {
    if (this.#task !== undefined) return;
    this.#task = this.#host.start(`work of ${this.#spec?.id ?? "the balloon"}`, async () => {
      this.#retryAtNs = null;
      this.#send({ type });
      await this.#adjust();
    });
  }

  #send(event: BalloonEvent): void {
    this.#actor.send(event);
  }

  /** In one breath with the last look at the target, so that no later one is lost. */
  #end(event: BalloonEvent): void {
    this.#task = undefined;
    this.#send(event);
  }

  /** update_balloon_size_func: what is missing is taken, what is too much is given back; then the device is told. */
  async #adjust(): Promise<void> {
    const { driver } = this.#host;
    const perPage = driver.pageBytes / UNIT;
    for (;;) {
      const missing = Math.trunc((this.#targetPages - this.#actualPages) / perPage);
      if (missing === 0) {
        this.#hasSaid = false;
        this.#end({ type: "DONE" });
        return;
      }
      if (missing < 0) {
        await driver.giveBackPages(this.#owner, -missing);
        this.#changed(missing * perPage);
        continue;
      }
      const got = await driver.takePages(this.#owner, missing);
      if (got > 0) this.#changed(got * perPage);
      if (got === missing) continue;
      this.#wait();
      return;
    }
  }

  #changed(units: number): void {
    this.#actualPages += units;
    this.#events.changed(this.actualBytes);
  }

  /**
   * fill_balloon: nothing is free. The kernel logs it at most ten times in 5 s, whatever is missing as the page that it did not get in the
   * device's units (VIRTIO_BALLOON_PAGES_PER_PAGE); here once for each wait that follows work.
   */
  #wait(): void {
    const { driver } = this.#host;
    if (!this.#hasSaid) {
      this.#hasSaid = true;
      driver.log(`virtio_balloon virtio0: Out of puff! Can't get ${driver.pageBytes / UNIT} pages`);
      this.#host.tell(this.#noRoom());
    }
    this.#end({ type: "NO_ROOM" });
    this.#setTimer(driver.nowNs() + RETRY_NS);
  }

  #setTimer(atNs: number): void {
    this.#retryAtNs = atNs;
    const ring = async (): Promise<void> => this.#wake("TIMER");
    const isOver = (): boolean => this.#retryAtNs !== atNs;
    this.#host.driver.setAlarm({ atNs, name: "balloon tries again", ring, isOver });
  }

  #noRoom(): Refusal {
    return {
      errno: "ENOMEM",
      code: "no_target_memory",
      rule: "drivers/virtio/virtio_balloon.c: fill_balloon takes what is free above the min watermark, and tries again every 200 ms (from source, not recorded)",
      retry: "maybe",
      remedy: ["online more memory", "end a load", "let the guest keep more (balloon)"],
      detail: `${this.#spec?.id ?? ""}: the guest has ${formatSize(this.actualBytes)}, and was to keep ${formatSize(this.#ramBytes - this.#targetPages * UNIT)}`,
    };
  }
}

function noDriver(id: string): Refusal {
  return {
    errno: "ENODEV",
    code: "no_entry",
    rule: "the driver of a balloon acts on its size, and none is loaded",
    retry: "yes",
    remedy: ["insmod virtio_balloon"],
    detail: id,
  };
}
