import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { expect, test } from "vitest";
import { checkRequest, DimmPlaces, selectBlocks } from "../src/index.ts";

test("blocks of a dax device have names, in lists and in the words of a step", async () => {
  const spec = parseMachineSpec({ nodes: { count: 1, memory: "1G" }, dax: [{ size: "512M" }], block_size: "128M" });
  const machine = await bootMachine(spec, { kernel: "6.12", kernelBlocks: [] });
  await machine.loadModule("kmem");
  await machine.write("/sys/bus/dax/drivers/device_dax/unbind", "dax0.0");
  await machine.write("/sys/bus/dax/drivers/kmem/new_id", "dax0.0");
  await machine.idle();
  const blocks = selectBlocks("dax:dax0.0", machine);
  expect(blocks).toHaveLength(4);
  const places = new DimmPlaces(machine.board.blockSizeBytes);
  places.lookAt(machine);
  const write = { op: "block", n: "${dax0.0.first}", v: "online" };
  expect(checkRequest(write).asked(write, places)).toBe(`echo online > memory${blocks[0]}/state`);
  const unknown = { op: "block", n: "${d7.first}", v: "online" };
  expect(checkRequest(unknown).asked(unknown, places)).toBe("echo online > memory${d7.first}/state");
  await machine.close();
});
