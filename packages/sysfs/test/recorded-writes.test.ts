import { describe, expect, test } from "vitest";
import { createTree, type Tree } from "../src/index.ts";
import { type FakePort, fakePort, nodeView } from "./fake-port.ts";
import { dataOf, recorded, type RecordedRead, type RecordedWrite, type RecordedWrites } from "./recorded.ts";
import { errnoOf } from "./result.ts";

/** Errnos that memory itself answers with; the fake kernel answers as the real one did. */
const fromMemory = new Set<unknown>(["EBUSY", "EIO", "ENXIO", "EEXIST", "EHWPOISON", "ENOMEM", "EPERM"]);
/** What the fake kernel does not work out: zones, and the words of the error injection. */
const fromKernel = /valid_zones$|notifier-error-inject/;

const boot = Array.from({ length: 16 }, (_, id) => ({ id, state: "online" as const, deviceOnline: true }));
const dimm = Array.from({ length: 32 }, (_, index) => ({ id: 32 + index }));

describe.each(["4.1", "6.1", "6.12"])("Linux %s", (kernel) => {
  const { traces } = recorded(`writes-${kernel}`) as RecordedWrites;

  test.each(Object.entries(traces))("%s: each write and read is answered as recorded", async (name, steps) => {
    const nodes = [nodeView(0, { cpus: [0] }), nodeView(1, { cpus: [1] })];
    const port = fakePort({ kernel, blocks: [...boot, ...dimm], nodes, injection: name === "notifier-error" });
    const tree = createTree(port);
    const answers: unknown[] = [];
    for (const step of steps) answers.push("write" in step ? await write(tree, port, step) : read(tree, step));
    expect(answers).toEqual(steps);
  });
});

/** Writes as a step says, and answers the step as it should have been recorded. */
async function write(tree: Tree, port: FakePort, step: RecordedWrite): Promise<RecordedWrite> {
  const [, , errno] = step.answer;
  if (fromMemory.has(errno) || (fromKernel.test(step.write) && errno !== 0)) port.refuseNext = errno || undefined;
  port.uevents.length = 0;
  port.logged.length = 0;
  const answer = await tree.write(step.write, dataOf(step));
  if (port.refuseNext !== undefined) throw new Error(`the kernel was not asked: ${step.write} ${step.data}`);
  if ((answer.refusal?.errno ?? 0) !== (answer.openErrno || answer.errno))
    throw new Error("the refusal has another errno");
  const { write, data, pad } = step;
  return {
    write,
    data,
    ...(pad === undefined ? {} : { pad }),
    answer: [answer.openErrno, answer.ret, answer.errno],
    ...(port.uevents.length === 0 ? {} : { uevents: port.uevents.map(recordedUevent) }),
    ...(port.logged.length === 0 ? {} : { log: [...port.logged] }),
  };
}

/** A synthetic event is recorded with its variables, any other by its name. */
function recordedUevent({ uevent, env }: FakePort["uevents"][number]): string | Record<string, string> {
  if (Object.keys(env).length === 0) return uevent;
  return { uevent, SUBSYSTEM: uevent.includes("/node/") ? "node" : "memory", ...env };
}

function read(tree: Tree, step: RecordedRead): RecordedRead {
  const result = tree.read(step.read);
  const stat = tree.stat(step.read);
  const data = result.ok ? result.value : "";
  return {
    read: step.read,
    errno: errnoOf(result),
    data: result.ok && fromKernel.test(step.read) ? step.data : data,
    mode: stat.ok ? stat.value.mode.toString(8) : "0",
  };
}
