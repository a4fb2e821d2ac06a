import { checkExpectation, DocumentError, operations, parseDocument, runDocument, type Trace } from "@memhp/scenario";

const text = `format: memhp-scenario/1
name: a DIMM comes, is used, and cannot go
kernel: "6.12"
machine: { memory: 2G, slots: 4, maxmem: 8G, nodes: [], cmdline: memhp_default_state=offline }
steps:
  - { op: dimm_add, id: d0, size: 256M }
  - { op: online, blocks: "dimm:d0", type: movable }
  - { op: load, id: nic, kind: pinned, size: 16M, node: 0 }
  - { op: offline, blocks: "dimm:d0", expect: { requested: 2, offlined: 1 } }
`;
const traces: Trace[] = [];
for (let i = 0; i < 2; i++) {
  const { trace, failures } = await runDocument(parseDocument(text, "mine.yaml"));
  traces.push(trace);
  console.log(trace.steps.length, failures.length);
}
console.log(JSON.stringify(traces[0]) === JSON.stringify(traces[1]), traces[0]?.format);
console.log(operations.length > 15, typeof checkExpectation);
for (const wrong of ["exspect: {}", "colour: red"]) {
  try {
    parseDocument(text.replace("expect: { requested: 2, offlined: 1 }", wrong), "mine.yaml");
    console.log("no error");
  } catch (error) {
    console.log(
      error instanceof DocumentError,
      error instanceof Error && error.message.includes(wrong.split(":")[0] ?? ""),
    );
  }
}
/* prints
4 0
4 0
true memhp-trace/1
true function
true true
true true
*/
