/** A scenario or recorded trace that comes with the page. */
export interface Example {
  readonly file: string;
  readonly title: string;
  readonly text: () => Promise<string>;
}

const scenarios = import.meta.glob<string>("../../examples/*.yaml", { query: "?raw", import: "default" });
// Recorded runs are never copied: these are the files that the conformance tests replay.
const recorded = import.meta.glob<string>(
  [
    "../../../../tools/conformance/kernel-traces/4.1/order-mv-descending.json",
    "../../../../tools/conformance/kernel-traces/4.1/order-mv-middle-first.json",
    "../../../../tools/conformance/kernel-traces/4.1/two-nodes-dimms.json",
    "../../../../tools/conformance/kernel-traces/4.1/notifier-error.json",
    "../../../../tools/conformance/kernel-traces/4.1/del-middle-dimm.json",
    "../../../../tools/conformance/kernel-traces/6.1/e_del_never_onlined.json",
    "../../../../tools/conformance/kernel-traces/6.12/c_unmovable_hold.json",
    "../../../../tools/conformance/kernel-traces/6.12/f_auto_online.json",
    "../../../../tools/conformance/kernel-traces/6.12/b_two_nodes_interleaved.json",
    "../../../../tools/conformance/kernel-traces/6.12-vmem/v_unplug_refused.json",
  ],
  { query: "?raw", import: "default" },
);

const titles: Readonly<Record<string, string>> = {
  "middle-block.yaml": "4.1: the middle block refuses online_movable",
  "veto.yaml": "6.12: a notifier says no",
  "4.1/order-mv-descending.json": "4.1: online_movable from the last block down",
  "4.1/order-mv-middle-first.json": "4.1: online_movable in the middle first",
  "4.1/two-nodes-dimms.json": "4.1: DIMMs on two nodes",
  "4.1/notifier-error.json": "4.1: injected notifier errors",
  "4.1/del-middle-dimm.json": "4.1: eject the middle one of three DIMMs",
  "6.1/e_del_never_onlined.json": "6.1: eject a DIMM that was never onlined",
  "6.12/c_unmovable_hold.json": "6.12: kernel pages hold a block",
  "6.12/f_auto_online.json": "6.12: new blocks come online by themselves",
  "6.12-vmem/v_unplug_refused.json": "6.12: a virtio-mem device gives back what it can",
  "6.12/b_two_nodes_interleaved.json": "6.12: two nodes, DIMMs by turns",
};

function examplesOf(files: Readonly<Record<string, () => Promise<string>>>): Example[] {
  return Object.entries(files).map(([path, text]) => {
    const file = path.replace(/^.*\/(?:examples|kernel-traces)\//, "");
    return { file, title: titles[file] ?? file, text };
  });
}

/** The built-in examples, loaded only when one is opened. */
export const exampleScenarios: readonly Example[] = examplesOf(scenarios);
export const exampleTraces: readonly Example[] = examplesOf(recorded);
