import { attachInspector, createRecordingSink, type InspectionControl, serveInspection } from "@memhp/inspect";
import { createInspector, type StatelyInspectionEvent } from "@statelyai/inspect";
import { expect, test } from "vitest";
import { createActor } from "xstate";
import { counter, lines, never, startLamp } from "./bridge.ts";
import { light } from "./machines.ts";

test("one call attaches the official inspector to actors that run, and to those that follow", () => {
  const seen: StatelyInspectionEvent[] = [];
  const running = createActor(light, { id: "corner" }).start();
  const inspection = attachInspector({
    actors: [running],
    to: createInspector({ send: (event) => seen.push(event) }),
    schedule: never,
  });
  running.send({ type: "TIMER" });
  startLamp(inspection.local, 1);
  inspection.local.flush();
  inspection.flush();
  expect(seen.map(({ type, sessionId }) => `${sessionId} ${type}`)).toEqual([
    "main/corner @xstate.actor",
    "main/corner @xstate.event",
    "main/corner @xstate.snapshot",
    "main/lamp-1 @xstate.actor",
    "main/lamp-1 @xstate.event",
    "main/lamp-1 @xstate.snapshot",
  ]);
});

test("a choice reaches the sources behind all ports, and the end does too", async () => {
  const recorded = createRecordingSink();
  const channels = [new MessageChannel(), new MessageChannel()];
  const inspection = attachInspector({
    to: [recorded],
    ports: channels.map(({ port1 }) => port1),
    choose: { attributes: { number: [1] } },
  });
  const sources = channels.map(({ port2 }, i) =>
    serveInspection(port2, { workerId: `w${i}`, now: counter(), choose: [] }),
  );
  for (const source of sources) for (const number of [1, 2]) startLamp(source, number);
  await until(() => recorded.messages.filter(({ kind }) => kind === "actor").length === 4);
  expect(
    lines(recorded)
      .filter((line) => line.includes(" is "))
      .toSorted(),
  ).toEqual(["w0/lamp is lamp", "w0/lamp-1 is lamp-1", "w1/lamp is lamp", "w1/lamp-1 is lamp-1"]);

  inspection.choose({ attributes: { number: [2] } });
  await until(() => recorded.messages.filter(({ kind }) => kind === "actor").length === 6);
  sources[0]?.close();
  await until(() => inspection.report().sources.some(({ source, ended }) => source === "w0" && ended));
  expect(inspection.report()).toMatchObject({ lost: 0 });
  inspection.close();
});

test("two workers of one name are refused", () => {
  const inspection = attachInspector({ schedule: never });
  expect(() => inspection.connect("main", never)).toThrow("two inspection sources");
});

test("a closed inspection ends its sources", () => {
  const heard: InspectionControl[] = [];
  const inspection = attachInspector({ schedule: never });
  inspection.connect("elsewhere", (message) => heard.push(message));
  const actor = startLamp(inspection.local, 1);
  inspection.close();
  actor.send({ type: "PRESS" });
  expect(heard).toEqual([{ type: "end" }]);
  expect(inspection.report().sources[0]).toMatchObject({ source: "main", received: 3, ended: true });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
