/** What a task shows of the kernel thread that carries it out. */
export interface TaskState {
  readonly name: string;
  /** True from the very moment at which it ends, before anybody who awaits it goes on. */
  readonly hasEnded: boolean;
  /** It holds the hotplug lock, or did. */
  readonly hasHadLock: boolean;
}

type Settle<T> = (resolve: (value: T) => void, reject: (reason: unknown) => void) => void;

/**
 * Something that the machine does in simulated time, as a promise of what comes of it. Whether it has ended does not depend
 * on how many promises stand between it and who looks.
 */
export class Task<T> extends Promise<T> {
  readonly #state: TaskState;

  constructor(state: TaskState, settle: Settle<T>) {
    super(settle);
    this.#state = state;
  }

  /** What `then` makes of it are plain promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  get name(): string {
    return this.#state.name;
  }
  get hasEnded(): boolean {
    return this.#state.hasEnded;
  }
  get hasHadLock(): boolean {
    return this.#state.hasHadLock;
  }

  /** Whether this is what a kernel thread does. */
  isOf(state: TaskState): boolean {
    return this.#state === state;
  }

  /** The same task with another view of its result. */
  map<U>(view: (value: T) => U): Task<U> {
    return new Task<U>(this.#state, (resolve, reject) => {
      this.then(view).then(resolve, reject);
    });
  }
}
