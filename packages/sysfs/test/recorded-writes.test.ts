import { describe, expect, test } from "vitest";
import { createTree } from "../src/index.ts";
import { type FakePort, fakePort, nodeView } from "./fake-port.ts";
import { dataOf, recorded, type RecordedRead, type RecordedWrite, type RecordedWrites } from "./recorded.ts";

/** Errnos that memory itself answers with; the fake kernel answers as the real one did. */
const fromMemory = new Set<unknown>(["EBUSY", "EIO", "ENXIO", "EEXIST", "EHWPOISON", "ENOMEM", "EPERM"]);
/** What the fake kernel does not work out: zones, and an injected error. */
const fromKernel = /valid_zones$|notifier-error-inject/;

const boot = Array.from({ length: 16 }, (_, id) => ({
  id,
  state: "online" as const,
  deviceOnline: true,
  validZones: id === 0 ? "none" : "DMA32",
}));
const dimm = Array.from({ length: 32 }, (_, index) => ({ id: 32 + index }));

describe.each(["4.1", "6.1", "6.12"])("Linux %s", (kernel) => {
  const { traces } = recorded<RecordedWrites>(`writes-${kernel}`);

  test.each(Object.entries(traces))("%s: each write and read is answered as recorded", async (name, steps) => {
    const nodes = [nodeView(0, { cpus: [0] }), nodeView(1, { cpus: [1] })];
    const port = fakePort({ kernel, blocks: [...boot, ...dimm], nodes, injection: name === "notifier-error" });
    const tree = createTree(port);
    for (const step of steps) {
      if ("write" in step) await checkWrite(tree, port, step);
      else checkRead(tree, step);
    }
  });
});

async function checkWrite(tree: ReturnType<typeof createTree>, port: FakePort, step: RecordedWrite): Promise<void> {
  const [openErrno, ret, errno] = step.answer;
  if (fromMemory.has(errno) || (fromKernel.test(step.write) && errno !== 0)) port.refuseNext = errno as string & 0;
  port.uevents.length = 0;
  port.logged.length = 0;
  const answer = await tree.write(step.write, dataOf(step));
  const shown = `${step.write} ${JSON.stringify(step.data)}`;
  expect({ step: shown, ...answer, refusal: undefined }).toEqual({
    step: shown,
    openErrno,
    ret,
    errno,
    refusal: undefined,
  });
  expect(answer.refusal?.errno ?? 0).toBe(openErrno === 0 ? errno : openErrno);
  expect(port.refuseNext, shown).toBeUndefined();
  if (step.log !== undefined) expect(port.logged).toEqual(step.log);
  expect(
    port.uevents.map(({ uevent }) => uevent),
    shown,
  ).toEqual((step.uevents ?? []).map((event) => (typeof event === "string" ? event : event["uevent"])));
  for (const [index, event] of (step.uevents ?? []).entries()) {
    if (typeof event === "string") continue;
    const { uevent: _, SUBSYSTEM: __, ...env } = event;
    expect(port.uevents[index]?.env).toEqual(env);
  }
}

function checkRead(tree: ReturnType<typeof createTree>, step: RecordedRead): void {
  const read = tree.read(step.read);
  expect(read.ok ? 0 : read.refusal.errno, step.read).toBe(step.errno);
  const stat = tree.stat(step.read);
  expect(stat.ok ? stat.value.mode.toString(8) : "0").toBe(step.mode);
  if (read.ok && !fromKernel.test(step.read)) expect({ [step.read]: read.value }).toEqual({ [step.read]: step.data });
}
