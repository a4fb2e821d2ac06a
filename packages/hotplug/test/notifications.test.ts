import { readFileSync } from "node:fs";
import { type Errno, type MemoryAction, notifierFromErrno, type PfnRange } from "@memhp/abi";
import { BlockState } from "@memhp/engine";
import type { NodeRequest } from "@memhp/hotplug";
import {
  createErrorInjector,
  createRecorder,
  EARLY_PRIORITY,
  type ErrorInjector,
  type InjectableAction,
  LATE_PRIORITY,
} from "@memhp/notifier";
import { describe, expect, test } from "vitest";
import { type Answer, add, answering, createLab, eventsOf, FIRST, type Lab, outcomes, twoNodes1G } from "./lab.ts";

/** `[notifier, action, start_pfn, nr_pages, status_change_nid_normal, status_change_nid]`; the late one without fields. */
type RecordedCall = readonly [string, MemoryAction, ...number[]];

type RecordedStep =
  | { readonly do: "add"; readonly node: number; readonly first: number; readonly blocks: number }
  | { readonly do: "inject"; readonly priority: number }
  | { readonly do: "write"; readonly action: InjectableAction; readonly text: string }
  | {
      readonly do: "online" | "online_kernel" | "online_movable" | "offline";
      readonly block: number;
      readonly errno: Errno | 0;
      readonly notifications: readonly RecordedCall[];
    };

interface RecordedRun {
  readonly trace: string;
  readonly machine: string;
  readonly steps: readonly RecordedStep[];
}

/** Extracts of kernel traces, made by copying. */
const runs = JSON.parse(
  readFileSync(new URL("data/notifications.json", import.meta.url), "utf8"),
) as readonly RecordedRun[];

const memorylessNode1: readonly PfnRange[][] = [[{ startPfn: 1, endPfn: 0x7ffe0 }], []];

/** The recording module of the traces: two callbacks, one above and one below all others. */
function withRecorders(kernel: string, machine = "two nodes of 1G"): Lab {
  const lab = createLab(kernel, { ram: machine === "two nodes of 1G" ? twoNodes1G : memorylessNode1 });
  lab.chain.register(createRecorder("early", EARLY_PRIORITY, () => {}));
  lab.chain.register(createRecorder("late", LATE_PRIORITY, () => {}));
  return lab;
}

function requestOf(lab: Lab, { do: word, block }: Extract<RecordedStep, { block: number }>): NodeRequest {
  const node = lab.map.blocks.node(block);
  if (word === "offline") return { op: "offline", node, blocks: [block] };
  const type = word === "online_kernel" ? "kernel" : word === "online_movable" ? "movable" : "online";
  return { op: "online", node, blocks: [block], type };
}

/** Calls of the recorders, as the traces have them. */
function calls(answer: Answer): RecordedCall[] {
  return eventsOf(answer, "notifier")
    .filter(({ name }) => name === "early" || name === "late")
    .map(({ name, action, startPfn, nrPages, statusChangeNidNormal = -1, statusChangeNid = -1 }) =>
      name === "late" ? [name, action] : [name, action, startPfn, nrPages, statusChangeNidNormal, statusChangeNid],
    );
}

test.for(runs)(
  "$trace: each callback is told what the kernel told it, in its order",
  async ({ trace, machine, steps }) => {
    const kernel = trace.slice(0, trace.indexOf("/"));
    const lab = withRecorders(kernel, machine);
    let injector: ErrorInjector | undefined;
    for (const [index, step] of steps.entries()) {
      if (step.do === "add") await lab.run([add(step.node, step.first, step.blocks)]);
      else if (step.do === "inject") {
        injector = createErrorInjector({ kernel: lab.kernel, priority: step.priority });
        lab.chain.register(injector);
      } else if (step.do === "write") injector?.write(step.action, step.text);
      else {
        // A write of the state that the block has already does not come as far as here (observed-6 §15, 1).
        const isOnline = lab.map.blocks.state(step.block) === BlockState.online;
        if (isOnline !== (step.do === "offline")) continue;
        if (step.errno === "EBUSY" && step.notifications.length === 0) {
          await lab.run([
            { op: "set_unmovable", node: lab.map.blocks.node(step.block), block: step.block, unmovable: true },
          ]);
        }
        const answer = await lab.run([requestOf(lab, step)]);
        const where = `step ${index}: ${step.do} ${step.block}`;
        const errnos = answer.results.flatMap((result) =>
          "outcomes" in result
            ? result.outcomes.map((outcome) => (typeof outcome === "string" ? 0 : outcome.refusal.errno))
            : [],
        );
        expect([where, errnos, calls(answer)]).toEqual([where, [step.errno], step.notifications]);
      }
    }
  },
);

/** Actions that `early` and `late` heard, in a row. */
const heard = (answer: Answer) => calls(answer).map(([name, action]) => `${name} ${action}`);

describe("4.1, whose runs had no recording module", () => {
  const onlining = (type: "online" | "movable" = "online") =>
    ({ op: "online", node: 1, blocks: [FIRST + 1], type }) as const;
  const offlining = { op: "offline", node: 1, blocks: [FIRST + 1] } as const;

  const withDimm = async (kernel: string = "4.1") => {
    const lab = withRecorders(kernel);
    await lab.run([add(1, FIRST, 2)]);
    return lab;
  };

  test("an online is told twice, an offline too (facts §3.1 steps 4, 9; §4.1)", async () => {
    const lab = await withDimm();
    expect(heard(await lab.run([onlining()]))).toEqual([
      "early MEM_GOING_ONLINE",
      "late MEM_GOING_ONLINE",
      "early MEM_ONLINE",
      "late MEM_ONLINE",
    ]);
    expect(heard(await lab.run([offlining]))).toEqual([
      "early MEM_GOING_OFFLINE",
      "late MEM_GOING_OFFLINE",
      "early MEM_OFFLINE",
      "late MEM_OFFLINE",
    ]);
  });

  test("a veto is cancelled to the whole chain, also to those that never heard of it (facts §7)", async () => {
    const lab = await withDimm();
    lab.chain.register(answering("veto", { MEM_GOING_ONLINE: notifierFromErrno("ENOMEM") }));
    const answer = await lab.run([onlining()]);
    expect(heard(answer)).toEqual(["early MEM_GOING_ONLINE", "early MEM_CANCEL_ONLINE", "late MEM_CANCEL_ONLINE"]);
    // The one that vetoed is told too.
    expect(eventsOf(answer, "notifier").map(({ name, ret }) => [name, ret])).toEqual([
      ["early", 1],
      ["veto", notifierFromErrno("ENOMEM")],
      ["early", 1],
      ["veto", 1],
      ["late", 1],
    ]);
    expect(outcomes(answer)).toEqual(["33: ENOMEM notifier_veto"]);
  });

  test("an online that was vetoed leaves the block in the zone that it was moved to (observed-4.1 Q2: notifier-error)", async () => {
    const lab = await withDimm();
    const veto = answering("veto", { MEM_GOING_ONLINE: notifierFromErrno("ENOMEM") });
    lab.chain.register(veto);
    await lab.run([onlining("movable")]);
    expect(lab.map.blocks.zone(33)).toBe(3);
    lab.chain.unregister(veto);
    await lab.run([onlining("online")]);
    expect([lab.map.blocks.zone(33), lab.map.blocks.state(33)]).toEqual([3, BlockState.online]);
  });

  test("an offline that was vetoed is cancelled and leaves all counters (facts §4.1 step 5)", async () => {
    const lab = await withDimm();
    await lab.run([onlining()]);
    const before = structuredClone(lab.map.nodes);
    lab.chain.register(answering("veto", { MEM_GOING_OFFLINE: 0x8002 }));
    const answer = await lab.run([offlining]);
    expect(heard(answer)).toEqual(["early MEM_GOING_OFFLINE", "early MEM_CANCEL_OFFLINE", "late MEM_CANCEL_OFFLINE"]);
    expect(outcomes(answer)).toEqual(["33: EPERM notifier_veto"]);
    expect(lab.map.nodes).toEqual(before);
  });

  test("status_change_nid_high is there, and equals normal (facts §3.3)", async () => {
    const lab = await withDimm();
    const [first] = eventsOf(await lab.run([onlining()]), "notifier");
    expect(first).toMatchObject({ statusChangeNidNormal: -1, statusChangeNidHigh: -1, statusChangeNid: -1 });
  });

  test("without MOVABLE_NODE there is one mask: a node's last memory of any zone names it (facts §3.3)", async () => {
    const lab = withRecorders("4.1-nomn", "2G and a node without memory");
    await lab.run([add(1, FIRST, 2)]);
    const online = await lab.run([{ op: "online", node: 1, blocks: [FIRST], type: "online" }]);
    expect(calls(online)[0]?.slice(4)).toEqual([1, 1]);
    const movable = await lab.run([onlining("movable")]);
    expect(calls(movable)[0]?.slice(4)).toEqual([-1, -1]);
  });
});

describe("answers to the other actions are not listened to (facts §3.1 step 9)", () => {
  const bad = notifierFromErrno("EBUSY");

  test.for(["4.1", "6.1", "6.12"] as const)(
    "%s: a veto of MEM_ONLINE or MEM_OFFLINE comes too late",
    async (kernel) => {
      const lab = createLab(kernel);
      await lab.run([add(1, FIRST, 1)]);
      lab.chain.register(answering("late objector", { MEM_ONLINE: bad, MEM_OFFLINE: bad, MEM_FINISH_OFFLINE: bad }));
      expect(outcomes(await lab.run([{ op: "online", node: 1, blocks: [FIRST], type: "online" }]))).toEqual([
        "32: changed",
      ]);
      expect(outcomes(await lab.run([{ op: "offline", node: 1, blocks: [FIRST] }]))).toEqual(["32: changed"]);
    },
  );

  test("one who stops a CANCEL keeps it from those behind, and no more", async () => {
    const lab = withRecorders("6.1");
    await lab.run([add(1, FIRST, 1)]);
    lab.chain.register(answering("veto", { MEM_GOING_ONLINE: bad, MEM_CANCEL_ONLINE: bad }));
    const answer = await lab.run([{ op: "online", node: 1, blocks: [FIRST], type: "online" }]);
    expect(heard(answer)).toEqual(["early MEM_GOING_ONLINE", "early MEM_CANCEL_ONLINE"]);
    expect(lab.map.blocks.state(FIRST)).toBe(BlockState.offline);
  });
});

test("an injected error writes its line where the step that called it stands (observed-6 §7)", async () => {
  const lab = withRecorders("6.1");
  const injector = createErrorInjector({ kernel: lab.kernel, log: (text) => lab.hotplug.log(text) });
  lab.chain.register(injector);
  await lab.run([add(1, FIRST, 1)]);
  injector.set("MEM_GOING_ONLINE", "ENOMEM");
  const answer = await lab.run([{ op: "online", node: 1, blocks: [FIRST], type: "online" }]);
  const from = answer.events.findIndex(({ type }) => type === "log");
  expect(answer.events.slice(from - 1, from + 2).map(({ type, atNs, node, seq }) => [type, atNs, node, seq])).toEqual([
    ["notifier", answer.events[from]?.atNs, 1, 1],
    ["log", answer.events[from]?.atNs, 1, 2],
    ["notifier", answer.events[from]?.atNs, 1, 3],
  ]);
  expect(eventsOf(answer, "log")[0]).toMatchObject({ level: 6, text: "Injecting error (-12) to MEM_GOING_ONLINE" });
});

test("a line from nowhere is a bug of memhp", () => {
  expect(() => createLab("6.1").hotplug.log("hello")).toThrow("memhp bug: a log line outside of a batch");
});

test("6.12: whoever vetoes the preparation spares the chain MEM_GOING_ONLINE and its cancellation", async () => {
  const lab = withRecorders("6.12");
  await lab.run([add(1, FIRST, 2)]);
  lab.chain.register(answering("veto", { MEM_PREPARE_ONLINE: notifierFromErrno("ENOMEM") }));
  const answer = await lab.run([{ op: "online", node: 1, blocks: [FIRST + 1], type: "online" }]);
  expect(heard(answer)).toEqual(["early MEM_PREPARE_ONLINE", "early MEM_FINISH_OFFLINE", "late MEM_FINISH_OFFLINE"]);
  expect(outcomes(answer)).toEqual(["33: ENOMEM notifier_veto"]);
  expect(lab.map.blocks.state(FIRST + 1)).toBe(BlockState.offline);
});
