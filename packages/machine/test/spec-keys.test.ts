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

test("a word of a kind that nobody can read is refused, not passed over", () => {
  const wrong: readonly (readonly [object, string])[] = [
    [{ memory: "1G", cpu: 4 }, "machine.cpu: expected a text, found 4"],
    [{ memory: "1G", firmware: true }, "machine.firmware: expected a text, found true"],
    [{ nodes: [{ nodeid: 0, mem: "1G", cpus: 0 }] }, "machine.nodes[0].cpus: expected a text, found 0"],
    [
      { nodes: { count: 1, memory: "1G" }, dimms: { size: "1G", pernode: 2 } },
      "machine.dimms.pernode: is not known (allowed: per_node, size)",
    ],
    [
      { nodes: { count: 1, memory: "1G" }, virtio_mem: [{ id: "v0", size: "1G", requestd: "256M" }] },
      "machine.virtio_mem[0].requestd: is not known (allowed: id, size, node, block_size, requested)",
    ],
  ];
  for (const [machine, message] of wrong) expect(() => parseMachineSpec(machine)).toThrow(message);
});
