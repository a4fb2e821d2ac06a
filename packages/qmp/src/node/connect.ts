import { once } from "node:events";
import { connect } from "node:net";
import { createQmpClient, type QmpClient, QmpClientError } from "../client.ts";
import type { QmpAddress } from "./address.ts";

/** A client with its socket. */
export interface ConnectedQmpClient extends Omit<QmpClient, "receive" | "close"> {
  /** Leaves; whoever waits for an answer is told. */
  close(): Promise<void>;
  /** Fulfilled when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
}

/**
 * Connects to a monitor, QEMU's or memhp's, and negotiates: what it gives is ready for commands.
 * @throws QmpClientError where nobody listens, or not in QMP
 */
export async function connectQmp(address: QmpAddress): Promise<ConnectedQmpClient> {
  const socket = connect(address);
  const client = createQmpClient({ send: (line) => socket.write(line) });
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      client.close("the monitor closed the connection");
      resolve();
    });
  });
  socket.on("error", (error) => client.close(error.message));
  socket.on("data", (bytes) => client.receive(bytes));
  try {
    await once(socket, "connect");
    await client.greeted;
    const negotiated = await client.execute("qmp_capabilities");
    if (!negotiated.ok) throw new QmpClientError(negotiated.refusal.desc);
  } catch (error) {
    socket.destroy();
    throw error instanceof QmpClientError
      ? error
      : new QmpClientError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  return {
    greeted: client.greeted,
    execute: (command, args) => client.execute(command, args),
    onEvent: (listener) => client.onEvent(listener),
    nextEvent: (name) => client.nextEvent(name),
    closed,
    close() {
      socket.destroy();
      return closed;
    },
  };
}
