import {
  attachInspector,
  createInspectionHub,
  createRecordingSink,
  type StatelyMessage,
  textSink,
} from "@memhp/inspect";
import { createActor, createMachine } from "xstate";

const counter = createMachine({
  id: "counter",
  initial: "idle",
  states: { idle: { on: { GO: "busy" } }, busy: { on: { STOP: "idle" } } },
});
const recording = createRecordingSink();
const lines: string[] = [];
const inspection = attachInspector({ to: [recording, textSink((text) => lines.push(text))], limit: 2 });
const actors = [1, 2, 3].map((n) =>
  createActor(counter, { id: `counter-${n}`, inspect: inspection.local.inspect }).start(),
);
for (const actor of actors) actor.send({ type: "GO" });
inspection.close();
const events: StatelyMessage[] = recording.events();
const named = new Set(events.filter(({ type }) => type === "@xstate.actor").map(({ sessionId }) => sessionId));
console.log(named.has("main/counter-1"), named.has("main/counter-2"));
console.log(
  lines.length === recording.messages.length,
  recording.toJsonLines().split("\n").length - 1 === lines.length,
);
console.log(events.some((event) => event.type === "@xstate.event" && event.event.type === "GO"));
console.log(inspection.report().lost, createInspectionHub({ limit: 1 }).report().lost);
for (const actor of actors) actor.stop();
/* prints
true true
true true
true
0 0
*/
