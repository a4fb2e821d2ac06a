/** A scenario or recorded trace that comes with the page. */
export interface Example {
  readonly file: string;
  readonly title: string;
  readonly text: () => Promise<string>;
}

const titles: Readonly<Record<string, string>> = {
  "4.1/order-mv-descending.json": "4.1: online_movable from the last block down",
  "4.1/order-mv-middle-first.json": "4.1: online_movable in the middle is refused",
  "4.1/two-nodes-dimms.json": "4.1: DIMMs on two nodes",
  "4.1/notifier-error.json": "4.1: a notifier says no",
  "4.1/del-middle-dimm.json": "4.1: eject the middle one of three DIMMs",
  "6.1/e_del_never_onlined.json": "6.1: eject a DIMM that was never onlined",
  "6.12/f_auto_online.json": "6.12: new blocks come online by themselves",
  "6.12/b_two_nodes_interleaved.json": "6.12: two nodes, DIMMs by turns",
};

const files = import.meta.glob<string>("../../examples/**/*.{json,yaml}", { query: "?raw", import: "default" });

/** The built-in examples, loaded only when one is opened. Scenarios come first, then recorded runs by kernel. */
export const examples: readonly Example[] = Object.entries(files)
  .map(([path, text]): Example => {
    const file = path.replace("../../examples/", "");
    return { file, title: titles[file] ?? file.replace(/\.(json|yaml)$/, "").replaceAll("-", " "), text };
  })
  .sort((a, b) => rank(a) - rank(b) || a.file.localeCompare(b.file, "en"));

function rank({ file }: Example): number {
  return file.endsWith(".yaml") ? 0 : 1;
}

export function isRecorded({ file }: Example): boolean {
  return file.endsWith(".json");
}
