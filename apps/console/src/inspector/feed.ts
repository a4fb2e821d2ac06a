import { Inspected, type InspectionText } from "./inspected.ts";

/** Whether messages still come. */
export type FeedState = "connecting" | "live" | "ended";

/** What comes over the socket of the page's own server. Readers are told at most once a frame. */
export class InspectorFeed {
  readonly inspected: Inspected = new Inspected();
  state: FeedState = "connecting";
  #version = 0;
  #isDue = false;
  readonly #readers = new Set<() => void>();

  constructor(url: URL = new URL("./", location.href)) {
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => this.#become("live"));
    socket.addEventListener("close", () => this.#become("ended"));
    socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
      this.inspected.take(JSON.parse(data) as InspectionText);
      this.#tellSoon();
    });
  }

  readonly version = (): number => this.#version;
  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  };

  #become(state: FeedState): void {
    this.state = state;
    this.#tellSoon();
  }

  #tellSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    // A page in the background has no frames, and is told when it is looked at again.
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#version += 1;
      for (const reader of this.#readers) reader();
    });
  }
}
