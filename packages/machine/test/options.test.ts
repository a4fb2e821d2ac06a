import { expect, test } from "vitest";
import { boot, bootMachine, parseMachineSpec, start } from "../src/index.ts";

const spec = parseMachineSpec({ memory: "1G", nodes: [] });

test("an option that does not exist is refused by name, with those that do", async () => {
  await expect(bootMachine(spec, { kernel: "6.12", factory: () => undefined } as never)).rejects.toThrow(
    /^options\.factory: not known \(allowed: .*workerFactory/,
  );
  const image = boot(spec, { kernel: "6.12" });
  await expect(start(image, { worker: 2 } as never)).rejects.toThrow(TypeError);
  expect(() => boot(spec, { kernel: "6.12", seeds: 1 } as never)).toThrow("options.seeds");
});
