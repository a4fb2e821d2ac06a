import { readDocument } from "@memhp/scenario";
import { expect, test } from "vitest";
import { compareWithKernel, runRecorded } from "../src/index.ts";

const machine = { machine: "q35", memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [] };

test("a comparison finds a planted difference and says where", async () => {
  const trace = (state: string): ReturnType<typeof readDocument> =>
    readDocument(
      {
        format: "memhp-kernel-trace/1",
        name: "planted",
        kernel: "6.1",
        machine,
        steps: [{ step: { op: "read", path: "memory1/state" }, result: { errno: 0, mode: "644", data: state } }],
      },
      "planted",
    );
  const right = trace("online\n");
  expect(compareWithKernel(right, (await runRecorded(right)).trace)).toEqual({ total: 1, matched: 1, differences: [] });
  const wrong = trace("offline\n");
  expect(compareWithKernel(wrong, (await runRecorded(wrong)).trace).differences).toEqual([
    { step: 0, what: "result.data", kernel: "offline\n", memhp: "online\n" },
  ]);
});
