import type { EventBody } from "@memhp/abi";
import type { DeviceHost } from "./device-type.ts";
import { type Check, fields, number, orNull } from "./image-checks.ts";

/** MEMORY_DEVICE_SIZE_CHANGE and BALLOON_CHANGE at most once in a second and device: sizes in between are dropped, the last comes late (monitor/monitor.c). */
const QUIET_NS = 1e9;

export interface SizeEventsImage {
  readonly untilNs: number;
  readonly nextBytes: number | null;
}

/** What an image says of them. @throws ImageError */
export const checkSizeEvents: Check = fields<SizeEventsImage>({ untilNs: number, nextBytes: orNull(number) });

/** What QEMU tells of one device's size. */
export class SizeEvents {
  readonly #host: DeviceHost;
  readonly #device: string;
  readonly #event: (sizeBytes: number) => EventBody;
  #untilNs: number | undefined;
  #nextBytes: number | null = null;

  constructor(host: DeviceHost, device: string, event: (sizeBytes: number) => EventBody, image?: SizeEventsImage) {
    this.#host = host;
    this.#device = device;
    this.#event = event;
    this.#untilNs = image?.untilNs;
    this.#nextBytes = image?.nextBytes ?? null;
  }

  /** When the last size will have been told; undefined where it has been. */
  get pendingNs(): number | undefined {
    return this.#nextBytes === null ? undefined : this.#untilNs;
  }

  changed(sizeBytes: number): void {
    if (this.#untilNs !== undefined) this.#nextBytes = sizeBytes;
    else this.#tell(sizeBytes);
  }

  /** After an image: what is to be told late still is. */
  goOn(): void {
    if (this.#untilNs !== undefined) this.#setTimer(this.#untilNs);
  }

  image(): SizeEventsImage | undefined {
    return this.#untilNs === undefined ? undefined : { untilNs: this.#untilNs, nextBytes: this.#nextBytes };
  }

  #tell(sizeBytes: number): void {
    this.#nextBytes = null;
    this.#host.emit(this.#event(sizeBytes));
    this.#setTimer(this.#host.driver.nowNs() + QUIET_NS);
  }

  #setTimer(atNs: number): void {
    this.#untilNs = atNs;
    const ring = async (): Promise<void> => {
      if (this.#untilNs !== atNs) return;
      this.#untilNs = undefined;
      if (this.#nextBytes !== null) this.#tell(this.#nextBytes);
    };
    this.#host.driver.setAlarm({ atNs, name: `size of ${this.#device}`, ring });
  }
}
