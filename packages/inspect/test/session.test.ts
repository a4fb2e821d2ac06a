import { attachInspector, createRecordingSink, type Inspection, textSink } from "@memhp/inspect";
import { createWebSocketReceiver, type StatelyInspectionEvent } from "@statelyai/inspect";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { MessageChannel, Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import type { SessionTask } from "./session-worker.ts";

const LAMPS = 448;
const PRESSES = 60;

test(
  "a session of two workers, seen by the official receiver: all chosen actors, unique ids, nothing lost",
  { timeout: 60_000 },
  async () => {
    const recorded = createRecordingSink();
    const channels = [new MessageChannel(), new MessageChannel()];
    const inspection = attachInspector({ to: recorded, ports: channels.map(({ port1 }) => port1 as never) });
    const server = serve(inspection);
    const early = await receiver(server);

    const workers = channels.map(({ port2 }, i) => {
      const workerData: SessionTask = {
        port: port2,
        workerId: `w${i + 1}`,
        street: i + 1,
        lamps: LAMPS,
        presses: PRESSES,
        choose: [{ attributes: { number: [[0, 19]] } }],
      };
      return new Worker(new URL("./session-worker.ts", import.meta.url), { workerData, transferList: [port2] });
    });
    const answers = await Promise.all(
      workers.map(async (worker) => (await once(worker, "message"))[0] as { namelessId: string; dropped: number }),
    );
    await until(() => inspection.report().sources.filter(({ ended }) => ended).length === 2);
    inspection.flush();
    await until(() => early.length === inspection.report().delivered);

    // Nothing was lost between the actors and the hub, nor between the hub and the receiver.
    expect(answers.map(({ dropped }) => dropped)).toEqual([0, 0]);
    expect(inspection.report()).toMatchObject({
      lost: 0,
      sources: [{}, { lost: 0, ended: true }, { lost: 0, ended: true }],
    });
    expect(early).toEqual(recorded.events());

    // Both workers call their nameless lamp by the same session id.
    expect(answers[0]?.namelessId).toBe(answers[1]?.namelessId);
    const introduced = early.filter((event) => event.type === "@xstate.actor").map(({ sessionId }) => sessionId);
    const expected = ["w1", "w2"].flatMap((worker, i) => [
      ...Array.from({ length: 20 }, (_, n) => `${worker}/lamp-${n}`),
      `${worker}/${answers[i]?.namelessId}`,
      `${worker}/street-${i + 1}`,
    ]);
    expect(introduced.toSorted()).toEqual(expected.toSorted());
    expect(new Set(introduced).size).toBe(introduced.length);

    // Every press arrived, in its place.
    for (const id of introduced.filter((id) => id.includes("lamp-"))) {
      const states = early
        .filter((event) => event.type === "@xstate.snapshot")
        .filter((event) => event.sessionId === id)
        .map(({ snapshot }) => ({ value: undefined, ...snapshot }).value);
      const expected = [
        "off",
        ...Array.from({ length: PRESSES }, (_, i) => [{ on: "dim" }, { on: "bright" }, "off"][i % 3]),
      ];
      expect(states).toEqual(expected);
      expect(early.filter((event) => event.sessionId === id && event.type === "@xstate.event")).toHaveLength(
        PRESSES + 1,
      );
    }

    // The others were counted.
    for (const street of [1, 2]) {
      const counted = early.findLast((event) => event.sessionId === `w${street}/street-${street}`);
      expect(counted).toMatchObject({ snapshot: { context: { off: LAMPS - 20 } } });
    }

    // Who comes late sees every actor in its last state.
    const late = await receiver(server);
    await until(() => late.length === inspection.picture().length);
    expect(
      late
        .filter((event) => event.type === "@xstate.actor")
        .map(({ sessionId }) => sessionId)
        .toSorted(),
    ).toEqual(expected.toSorted());
    expect(late.filter((event) => event.type === "@xstate.event")).toEqual([]);

    inspection.close();
    for (const client of server.clients) client.terminate();
    server.close();
  },
);

/** What `memhp` does with the hub: each socket is a sink. */
function serve(inspection: Inspection): WebSocketServer {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket) => {
    const remove = inspection.addSink(textSink((text) => socket.send(text)));
    socket.on("close", remove);
  });
  return server;
}

async function receiver(server: WebSocketServer): Promise<StatelyInspectionEvent[]> {
  if (server.address() === null) await once(server, "listening");
  const events: StatelyInspectionEvent[] = [];
  const { port } = server.address() as AddressInfo;
  createWebSocketReceiver({ server: `ws://127.0.0.1:${port}` }).subscribe((event) => events.push(event));
  await once(server, "connection");
  return events;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
