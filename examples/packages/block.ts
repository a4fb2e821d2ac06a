import { blockMachine, blockSteps, compileTable, reviveActor, rowHandle, withPorts } from "@memhp/block";
import { createActor } from "xstate";

const steps: string[] = [];
const ports = { perform: (step: string, block: number) => void steps.push(`${block}:${step}`) };

const block = reviveActor({ block: 7, node: 0, leaf: "offline", ports });
block.send({ type: "ONLINE", onlineType: "movable" });
while (block.leaf !== "online" && steps.length < 20) block.send({ type: "DONE" });
console.log(block.leaf, steps.length > 1, steps[0]);

const before = steps.length;
const row = rowHandle(compileTable(), { block: 8, node: 0, leaf: "online", ports });
row.send({ type: "OFFLINE" });
row.send({
  type: "FAILED",
  refusal: { errno: "EBUSY", code: "unmovable_page", rule: "facts §4.3", retry: "no", remedy: [] },
});
console.log(row.leaf, steps.slice(before).join(" "));

let unexpected = false;
try {
  row.send({ type: "DONE" });
  row.send({ type: "DONE" });
} catch {
  unexpected = true;
}
console.log("an event that no state expects throws:", unexpected);

const actor = createActor(withPorts(ports), { input: { block: 9, node: 0 } }).start();
console.log(actor.getSnapshot().status, blockSteps.length > 5, blockMachine.id);
/* prints
online true 7:choose_zone
online 8:check
an event that no state expects throws: true
active true block
*/
