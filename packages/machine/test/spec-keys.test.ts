import { expect, test } from "vitest";
import { parseMachineSpec } from "../src/index.ts";

test("a key that nobody reads is refused with its place and what is allowed", () => {
  expect(() => parseMachineSpec({ memory: "1G", colour: "red" })).toThrow(
    /^machine\.colour: not known \(allowed: .*memory/,
  );
  expect(() => parseMachineSpec({ nodes: [{ nodeid: 0, memory: "1G" }] })).toThrow(
    "machine.nodes[0].memory: not known",
  );
  expect(() => parseMachineSpec({ nodes: { count: 2, memory: "1G", cpu: 1 } })).toThrow("machine.nodes.cpu: not known");
  expect(() => parseMachineSpec({ nodes: { count: 1, memory: "1G" }, memory: "1G" })).toThrow(
    "machine.memory: not known",
  );
});
