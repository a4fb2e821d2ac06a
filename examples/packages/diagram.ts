import { type DiagramModel, diagramModel, toMermaid, toSvg } from "@memhp/diagram";
import { createMachine } from "xstate";

const door = createMachine({
  id: "door",
  type: "parallel",
  states: {
    leaf: {
      initial: "shut",
      states: {
        shut: { entry: "click", exit: "creak", on: { OPEN: { target: "open", guard: "unlocked", actions: "ring" } } },
        open: { on: { CLOSE: "shut" }, invoke: { src: "alarm", onDone: "shut" } },
        back: { type: "history", history: "deep" },
      },
    },
    lamp: { initial: "dark", states: { dark: { on: { SWITCH: "lit" } }, lit: { on: { SWITCH: "dark" } } } },
  },
});
const model: DiagramModel = diagramModel(door);
console.log(model.states.length, model.edges.length);
const mermaid = toMermaid(door, { actions: true, current: { leaf: "open", lamp: "dark" } });
for (const word of ["OPEN", "unlocked", "click", "creak", "ring", "alarm", "H*"])
  console.log(word, mermaid.includes(word));
const svg = toSvg(door, { theme: "dark", actions: true });
console.log(
  svg.startsWith("<svg"),
  svg.trimEnd().endsWith("</svg>"),
  svg.includes("data-state"),
  svg === toSvg(door, { theme: "dark", actions: true }),
);
/* prints
7 5
OPEN true
unlocked true
click true
creak true
ring true
alarm true
H* true
true true true true
*/
