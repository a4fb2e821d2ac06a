// Records what a real QEMU answers: node packages/qmp/test/record-qemu.ts [NAME…]. Needs Debian's qemu-system-x86; CI does not run it.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type QemuScript, SCRIPTS, SLOW_SCRIPTS } from "./qemu-scripts.ts";
import { MACHINE, type Monitor, qemuVersion, withQemu } from "./real-qemu.ts";

interface RecordedStep {
  readonly send: string;
  readonly times?: number;
  readonly receive: readonly string[];
}

interface RecordedScript {
  readonly name: string;
  readonly steps: readonly RecordedStep[];
  /** QEMU closed the connection. */
  readonly closed: boolean;
}

const QUIET_MS = 120;

async function record({ name, raw, steps }: QemuScript, monitor: Monitor): Promise<RecordedScript> {
  const recorded: RecordedStep[] = [{ send: "", receive: await monitor.quiet(QUIET_MS) }];
  for (const step of raw === true ? steps : ['{"execute":"qmp_capabilities"}', ...steps]) {
    const { send, times } = typeof step === "string" ? { send: step, times: 1 } : step;
    await monitor.write(Buffer.from(send, "latin1"), times);
    recorded.push({ send, ...(times > 1 && { times }), receive: await monitor.quiet(QUIET_MS) });
  }
  return { name, steps: recorded, closed: monitor.closed };
}

const file = fileURLToPath(new URL("data/qemu-7.2.json", import.meta.url));
const all = [...SCRIPTS, ...SLOW_SCRIPTS];
const names = process.argv.slice(2);
const before = JSON.parse(readFileSync(file, "utf8")) as { readonly scripts: readonly RecordedScript[] };
const recorded = new Map(before.scripts.map((script) => [script.name, script]));
for (const script of all) {
  if (names.length > 0 && !names.includes(script.name)) continue;
  recorded.set(script.name, await withQemu((monitor) => record(script, monitor)));
  const scripts = all.flatMap(({ name }) => recorded.get(name) ?? []);
  writeFileSync(file, `${JSON.stringify({ about: qemuVersion(), machine: MACHINE.join(" "), scripts }, null, 1)}\n`);
  console.log(script.name);
}
