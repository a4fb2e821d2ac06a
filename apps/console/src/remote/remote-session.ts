import * as Comlink from "comlink";
import type { Contents } from "../page/file-contents.ts";
import type { Picture } from "../host/pictures.ts";
import type { OpenedFile, Restored, SessionHost } from "../host/session-host.ts";
import type { LiveView, MachineView, OpenView, PartsView } from "../host/views.ts";
import type { Answer } from "../session/answer.ts";
import type { Asked, GoTo } from "../session/asked.ts";
import { type BlockColumns, placesOf } from "../session/block-columns.ts";
import type { BootForm } from "../session/boot-form.ts";
import { type HostWorker, hostWorkerNow } from "./first-worker.ts";

/** The worker that a machine lives in has ended, and the machine with it. */
class MachineLost extends Error {
  override readonly name = "MachineLost";
}

/** A machine in a worker, as the page sees it: what it was told last, and questions that are answered later. */
export class RemoteSession {
  static #count = 0;
  /** Tells machines of this page apart. */
  readonly number: number = RemoteSession.#count++;
  readonly host: Comlink.Remote<SessionHost>;
  /** Rejects when the worker has ended without being asked to. */
  readonly lost: Promise<never>;
  readonly #worker: Worker;
  readonly #readers = new Set<() => void>();
  #isClosed = false;
  #version = 0;
  #partsVersion = 0;
  #live: LiveView | undefined;
  #parts: PartsView | undefined;
  #shape: Pick<BlockColumns, "ids" | "segments" | "indexOf"> | undefined;
  #columns: BlockColumns | undefined;
  #view: MachineView | undefined;

  private constructor({ worker, ended }: HostWorker) {
    this.#worker = worker;
    this.host = Comlink.wrap<SessionHost>(worker);
    this.lost = ended.then((why) =>
      this.#isClosed ? new Promise<never>(() => {}) : Promise.reject(new MachineLost(why)),
    );
    // Whoever waits hears of it; where nobody does yet, the next question is refused.
    this.lost.catch(() => {});
  }

  static async start(): Promise<RemoteSession> {
    const session = new RemoteSession(hostWorkerNow());
    await session.orLost(session.host.watch(Comlink.proxy(async (picture) => session.#take(picture))));
    return session;
  }

  /** What a question is answered with, or `MachineLost` where nobody is left to answer. */
  orLost<T>(answer: Promise<T>): Promise<T> {
    return Promise.race([answer, this.lost]);
  }

  boot(form: BootForm): Promise<void> {
    return this.orLost(this.host.boot(form));
  }
  /** The machine of an earlier visit, where one was kept. */
  restore(): Promise<Restored | undefined> {
    return this.orLost(this.host.restore());
  }
  open(text: Contents, source: string, workers: number, toEnd: boolean): Promise<OpenedFile> {
    return this.orLost(this.host.open(text, source, workers, toEnd));
  }
  step(to: number, workers: number): Promise<OpenView> {
    return this.orLost(this.host.step(to, workers));
  }
  run(command: Asked | GoTo): Promise<Answer> {
    return this.orLost(this.host.run(command));
  }

  /** Counts up with every change that was told. */
  readonly version = (): number => this.#version;
  /** Counts up when something was done; what only events tell does not count. */
  get partsVersion(): number {
    return this.#partsVersion;
  }
  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  };

  get view(): MachineView {
    if (this.#view === undefined) throw new Error("memhp bug: a machine that was not told of");
    return this.#view;
  }
  columns(): BlockColumns {
    if (this.#columns === undefined) throw new Error("memhp bug: a machine that was not told of");
    return this.#columns;
  }

  close(): void {
    this.#isClosed = true;
    this.#readers.clear();
    this.#worker.terminate();
  }

  #take({ live, parts, shape, columns }: Picture): void {
    this.#live = live;
    this.#parts = parts ?? this.#parts;
    if (parts !== undefined) this.#partsVersion += 1;
    if (shape !== undefined) this.#shape = { ...shape, indexOf: placesOf(shape) };
    if (columns !== undefined && this.#shape !== undefined) this.#columns = { ...this.#shape, ...columns };
    this.#view = { ...this.#live, ...(this.#parts as PartsView) };
    this.#version += 1;
    for (const reader of this.#readers) reader();
  }
}
