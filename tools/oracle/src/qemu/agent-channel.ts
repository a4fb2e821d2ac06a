import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type AgentAnswer, type AgentRequest, AnswerReader, encodeRequest } from "./agent-protocol.ts";

/** The guest does not answer any more. */
export class GuestGone extends Error {
  override readonly name = "GuestGone";
}

/** A line to the agent in the guest: one request at a time, in the order in which they are asked. */
export class AgentChannel {
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  readonly #timeoutMs: number;
  #waiting: { resolve(answer: AgentAnswer): void; reject(error: Error): void } | undefined;
  #last: Promise<unknown>;

  private constructor(socket: Socket, timeoutMs: number, readyMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.setEncoding("latin1");
    socket.on("data", (bytes: string) => this.#receive(bytes));
    socket.on("error", (error) => this.#fail(new GuestGone(error.message)));
    socket.on("close", () => this.#fail(new GuestGone("QEMU ended")));
    this.#last = this.#answer("boot", readyMs);
  }

  /** Waits until the agent says that it is there. @throws GuestGone */
  static async open(
    path: string,
    options: { readonly bootMs: number; readonly answerMs: number },
  ): Promise<AgentChannel> {
    const socket = connect({ path });
    await once(socket, "connect");
    const channel = new AgentChannel(socket, options.answerMs, options.bootMs);
    await channel.#last;
    return channel;
  }

  /** @throws GuestGone */
  ask(request: AgentRequest): Promise<AgentAnswer> {
    const asked = this.#last.then(() => {
      const answer = this.#answer(request.command, this.#timeoutMs);
      this.#socket.write(encodeRequest(request), "latin1");
      return answer;
    });
    // The next request waits for this one, however it ends.
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  close(): void {
    this.#socket.destroy();
  }

  #answer(what: string, timeoutMs: number): Promise<AgentAnswer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(new GuestGone(`${what}: no answer after ${timeoutMs} ms`)), timeoutMs);
      const settle = <T>(then: (value: T) => void) => {
        return (value: T): void => {
          clearTimeout(timer);
          this.#waiting = undefined;
          then(value);
        };
      };
      this.#waiting = { resolve: settle(resolve), reject: settle(reject) };
    });
  }

  #receive(bytes: string): void {
    try {
      for (const answer of this.#reader.push(bytes)) this.#waiting?.resolve(answer);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
  }
}
