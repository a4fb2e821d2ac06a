import { type Comparison, compareWithKernel, runRecorded } from "@memhp/recorded";
import { parseDocument, type RunDocument } from "@memhp/scenario";

// As a recorder writes it: what was done, and what the kernel answered.
const recording = {
  format: "memhp-kernel-trace/1",
  name: "two files of an idle machine",
  kernel: "6.12",
  about: "",
  machine: {
    machine: "q35",
    memory: "2G",
    slots: 4,
    maxmem: "8G",
    smp: 2,
    nodes: [],
    cmdline: "memhp_default_state=offline",
  },
  boot_log: [],
  steps: [
    {
      step: { op: "read", path: "/sys/devices/system/memory/auto_online_blocks" },
      result: { errno: 0, mode: "644", data: "offline\n" },
    },
    {
      step: { op: "read", path: "/sys/devices/system/memory/block_size_bytes" },
      result: { errno: 0, mode: "444", data: "8000000\n" },
    },
  ],
};
const compared = async (text: string): Promise<Comparison> => {
  const document: RunDocument = parseDocument(text, "recording.json");
  const { trace } = await runRecorded(document);
  return compareWithKernel(document, trace);
};
const right = await compared(JSON.stringify(recording));
console.log(`${right.matched} of ${right.total}`, right.differences.length);
const wrong = await compared(JSON.stringify(recording).replace("offline\\n", "online\\n"));
for (const { step, what, kernel, memhp } of wrong.differences) console.log(step, what, JSON.stringify([kernel, memhp]));
/* prints
2 of 2 0
0 result.data ["online\n","offline\n"]
*/
