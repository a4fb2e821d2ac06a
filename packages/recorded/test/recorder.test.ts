import { readDocument } from "@memhp/scenario";
import { expect, test } from "vitest";
import { asRecorded } from "../src/index.ts";

const valid = { kernel: "6.12", machine: { memory: "2G", nodes: [] }, steps: [] };

test("the recorder of 6.12 booted with memhp_default_state=offline, but not in the runs that show defaults (observed-6 §13)", () => {
  const cmdline = (name: string, format = "memhp-kernel-trace/1"): string =>
    asRecorded(readDocument({ ...valid, format, name }, "file.json")).machine.cmdline;
  expect(cmdline("b_sizes")).toBe("memhp_default_state=offline");
  expect(cmdline("a_boot_1node")).toBe("");
  expect(cmdline("b_sizes", "memhp-scenario/1")).toBe("");
});
