// A worker of session.test.ts: lamps that are pressed, in bursts, as a simulation would do it.
import { type ActorChoice, serveInspection } from "@memhp/inspect";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { createActor } from "xstate";
import { lamp } from "./machines.ts";

export interface SessionTask {
  readonly port: MessagePort;
  readonly workerId: string;
  readonly street: number;
  readonly lamps: number;
  readonly presses: number;
  readonly choose: ActorChoice;
}

const { port, workerId, street, lamps, presses, choose } = workerData as SessionTask;
const source = serveInspection(port as never, { workerId, groupBy: "street", choose });
const actors = Array.from({ length: lamps }, (_, number) =>
  createActor(lamp, { id: `lamp-${number}`, input: { number, street }, inspect: source.inspect }).start(),
);
// Without a name of its own, its session id is the same in every worker.
const nameless = createActor(lamp, { input: { number: 0, street }, inspect: source.inspect }).start();

for (let i = 0; i < presses; i++) {
  for (const actor of actors) actor.send({ type: "PRESS" });
  if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve));
}
source.close();
parentPort?.postMessage({ namelessId: nameless.sessionId, dropped: source.dropped }, []);
