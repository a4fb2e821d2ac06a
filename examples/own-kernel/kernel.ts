// A kernel of one's own: 6.12, but an offline gives up after two minutes, as 4.1 does. What would that change?
import { dimmsOf } from "@memhp/devices";
import { type Kernel, kernelOf } from "@memhp/kernels";
import { bootMachine, parseMachineSpec } from "@memhp/machine";

const linux612 = kernelOf("6.12");
const impatient: Kernel = {
  ...linux612,
  id: "impatient",
  title: "6.12 that gives up",
  about: "What if an offline were bounded again?",
  pages: { ...linux612.pages, offlineRetries: "bounded" },
};

const spec = parseMachineSpec({
  memory: "2G",
  slots: 4,
  maxmem: "8G",
  nodes: [],
  cmdline: "memhp_default_state=offline",
});
for (const kernel of [linux612, impatient]) {
  const machine = await bootMachine(spec, { kernel });
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 2 ** 27, node: 0 });
  await machine.online(32, "movable");
  await machine.pages.loads.start({
    id: "gpu",
    kind: "pinned",
    sizeBytes: 2 ** 26,
    policy: { mode: "bind", nodes: [0] },
  });
  machine.holdTime();
  const write = machine.files.write("/sys/devices/system/memory/memory32/state", "offline");
  const hasEnded = await machine.passUntil(write, 180e9);
  console.log(kernel.title, hasEnded ? `ends: ${(await write).errno}` : "is still trying after three minutes");
  if (!hasEnded) {
    await machine.pages.loads.end("gpu");
    await machine.finish(write);
  }
  await machine.close();
}
