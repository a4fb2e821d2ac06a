import { type RunResult, parseSweep, summarise, SweepError, SweepRunner } from "@memhp/sweep";
import { csvText, runSweep } from "@memhp/sweep/node";

const text = `format: memhp-sweep/1
question: Does a larger program still leave room?
parameters:
  kernel: ["4.1", "6.12"]
  size: [128M, 256M]
seeds: { count: 1 }
scenario:
  kernel: "{{kernel}}"
  machine: { memory: 2G, smp: 1, slots: 4, maxmem: 8G, nodes: [], cmdline: memhp_default_state=offline }
  steps:
    - { op: dimm_add, id: d0, size: 256M }
    - { op: online, blocks: "dimm:d0", type: kernel }
    - { op: load, id: program, kind: anon, size: "{{size}}", label: started }
measures:
  started: { value: steps.started.result.errno }
`;
const sweep = parseSweep(text, "mine.yaml");
const inHere: RunResult[] = [];
const inWorkers: RunResult[] = [];
await runSweep(sweep, { onResult: (result) => inHere.push(result) });
await runSweep(sweep, { workers: 2, onResult: (result) => inWorkers.push(result) });
console.log(sweep.runs, JSON.stringify(inHere) === JSON.stringify(inWorkers));
console.log(csvText(sweep, inHere).split("\n").length > 4, typeof summarise(sweep, inHere), typeof SweepRunner);
try {
  parseSweep(text.replace("question", "qestion"), "mine.yaml");
} catch (error) {
  console.log(error instanceof SweepError);
}
/* prints
4 true
true object function
true
*/
