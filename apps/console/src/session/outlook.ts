import { formatNumberList } from "@memhp/abi";
import { type Machine, offlineOutlook, type OutlookAnswer, planMachineOffline, readGoal } from "@memhp/machine";
import { countWords, sizeWords } from "../words/size-words.ts";
import { groupRefusals, type RefusalGroup } from "../words/refusal-words.ts";

const headings: Readonly<Record<OutlookAnswer, string>> = {
  goes_offline: "It would go offline",
  kills_programs: "It would go offline after the OOM killer has ended programs",
  refused: "It would not go offline",
  never_ends: "An offline would try until somebody sends a signal",
  is_offline: "It is offline",
};

export interface OutlookView {
  readonly block: number;
  readonly answer: OutlookAnswer;
  readonly text: string;
  readonly refusals: readonly RefusalGroup[];
}

/** Whether a block would go offline, and why not. Nothing is tried. */
export async function outlookOf(machine: Machine, block: number): Promise<OutlookView | undefined> {
  if (!machine.map.blocks.has(block)) return undefined;
  const [found] = await offlineOutlook(machine, [block]);
  if (found === undefined) return undefined;
  const { answer, refusal, use, targets = [] } = found;
  const moves =
    use === undefined || answer !== "goes_offline"
      ? ""
      : use.movable === 0
        ? ": nothing has to move"
        : `: ${pagesText(use.movable, machine.pageSize)} move${targets.length === 0 ? "" : ` to ${nodesText(targets)}`}`;
  return {
    block,
    answer,
    text: `${headings[answer]}${moves}.`,
    refusals: refusal === undefined ? [] : groupRefusals([refusal]),
  };
}

export interface OutlookGroups {
  readonly groups: readonly {
    readonly answer: OutlookAnswer;
    /** `go offline`, after a number of blocks. */
    readonly heading: string;
    readonly count: number;
    readonly blocks: string;
  }[];
}

const many: Readonly<Record<OutlookAnswer, string>> = {
  goes_offline: "would go offline",
  kills_programs: "after the OOM killer",
  refused: "would be refused",
  never_ends: "would never end",
  is_offline: "offline",
};

/** What an offline of each block alone would come to. Nothing is tried. */
export async function allOutlooks(machine: Machine): Promise<OutlookGroups> {
  const found = await offlineOutlook(machine, [...machine.map.blocks.ids()]);
  const groups = (Object.keys(many) as OutlookAnswer[]).map((answer) => {
    const blocks = found.filter((outlook) => outlook.answer === answer).map(({ block }) => block);
    return { answer, heading: many[answer], count: blocks.length, blocks: formatNumberList(blocks) };
  });
  return { groups: groups.filter(({ count }) => count > 0) };
}

function pagesText(pages: number, pageBytes: number): string {
  return `${countWords(pages)} ${pages === 1 ? "page" : "pages"} (${sizeWords(pages * pageBytes)})`;
}

function nodesText(targets: readonly { readonly node: number }[]): string {
  const nodes = formatNumberList(targets.map(({ node }) => node));
  return `${/\D/.test(nodes) ? "nodes" : "node"} ${nodes}`;
}

export interface PlanView {
  readonly isPossible: boolean;
  readonly text: string;
  readonly steps: readonly { readonly block: number; readonly text: string }[];
  readonly refusals: readonly RefusalGroup[];
}

/** In which order a size or a DIMM would go with the fewest pages to move, or what stands in the way. @throws ParseError */
export async function planFor(machine: Machine, text: string): Promise<PlanView> {
  const goal = readGoal(text, machine);
  const name = goal.dimm ?? sizeWords(goal.bytes);
  const what = `${name} (${countWords(goal.blocks)} ${goal.blocks === 1 ? "block" : "blocks"})`;
  const plan = await planMachineOffline(machine, goal.planned);
  if (!plan.ok) {
    const refusals = groupRefusals(plan.refusals);
    return { isPossible: false, text: `There is no plan that frees ${what}.`, steps: [], refusals };
  }
  const { steps, pages, atMostPages } = plan;
  if (steps.length === 0)
    return { isPossible: true, text: `${what}: nothing of it is online.`, steps: [], refusals: [] };
  const { pageSize } = machine;
  const total =
    pages === atMostPages ? pagesText(pages, pageSize) : `${countWords(pages)} to ${pagesText(atMostPages, pageSize)}`;
  return {
    isPossible: true,
    text: `To free ${what}, ${total} move:`,
    steps: steps.map(({ block, pages: moving, targets }) => ({
      block,
      text: moving === 0 ? "nothing to move" : `${pagesText(moving, pageSize)} to ${nodesText(targets)}`,
    })),
    refusals: [],
  };
}
