import type { Refusal } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { ControlCommand, ServedFiles } from "@memhp/mount";
import { checkRequest, type StepRequest } from "@memhp/scenario";
import { checked, kindOf, named, nodeOf, secondsOf, stepOf } from "./command-words.ts";

/** What a step came to. */
export interface StepDone {
  /** As in a trace. */
  readonly result: unknown;
  readonly refusal?: Refusal;
  /** What went wrong, in words, where something did. */
  readonly wrong?: string;
}

/** Carries a step out for a prompt, in whatever way its steps are carried out there. */
export type PerformStep = (step: StepRequest) => Promise<StepDone>;

/** What is done to the machine from outside, each as the step of a scenario that does it. */
export function stepCommands(
  machine: Machine,
  say: (text: string) => void,
  perform: PerformStep,
): Readonly<Record<string, ControlCommand>> {
  const doing =
    (step: (words: readonly string[]) => StepRequest, says = false): ControlCommand =>
    async (words) => {
      let wrong: string | undefined;
      const refused = await checked(async () => {
        const request = step(words);
        checkRequest(request);
        const done = await perform(request);
        ({ wrong } = done);
        if (says && wrong === undefined) say(`${JSON.stringify(done.result)}\n`);
      });
      return refused ?? wrong;
    };
  return {
    step: doing(stepOf, true),
    dimm_add: doing((words) => {
      const [id, size] = [named(words, 0, "ID"), named(words, 1, "SIZE")];
      return { op: "dimm_add", id, size, node: nodeOf(machine, words[2]) ?? 0 };
    }),
    dimm_del: doing((words) => ({ op: "dimm_del", id: named(words, 0, "ID") })),
    load: doing((words) => {
      const node = nodeOf(machine, words[3]);
      const place = node === undefined ? {} : { node, policy: "bind" };
      return { op: "load", id: named(words, 0, "ID"), kind: kindOf(words), size: named(words, 2, "SIZE"), ...place };
    }),
    unload: doing((words) => ({ op: "unload", id: named(words, 0, "ID") })),
    wait: doing((words) => ({ op: "wait", s: secondsOf(words) })),
  };
}

/** The machine's files, each write of which is a step. */
export function writtenBySteps(files: ServedFiles, perform: PerformStep): ServedFiles {
  return {
    ...files,
    async write(path, data) {
      const { result, refusal } = await perform({ op: "write", path, data });
      const {
        open_errno = 0,
        ret = -1,
        errno = 0,
      } = (result ?? {}) as {
        readonly open_errno?: never;
        readonly ret?: number;
        readonly errno?: never;
      };
      return { openErrno: open_errno, ret, errno, ...(refusal === undefined ? {} : { refusal }) };
    },
  };
}
