import { formatNumberList } from "@memhp/abi";
import type { StepRequest } from "@memhp/scenario";
import type { AskedWrite } from "./asked.ts";
import type { StateWord } from "./state-words.ts";

/** Blocks of one step where there are many: others get a turn after each, and somebody can stop it. */
const AT_A_TIME = 2048;
/** How long a write waits for what goes on in the background: it may hold the hotplug lock for ever. */
const LOCK_MS = 3000;

const types: Readonly<Record<Exclude<StateWord, "offline">, string>> = {
  online: "online",
  online_kernel: "kernel",
  online_movable: "movable",
};

function bulkStep(blocks: readonly number[], word: StateWord): StepRequest {
  const list = formatNumberList(blocks);
  return word === "offline" ? { op: "offline", blocks: list } : { op: "online", blocks: list, type: types[word] };
}

/** A write as steps of a scenario. */
export interface WriteSteps {
  readonly steps: readonly StepRequest[];
  /** What the pieces are pieces of, where they are. */
  readonly whole: StepRequest | undefined;
}

/** @param isBusy something goes on in the background. */
export function writeSteps(
  { word, background = false }: Pick<AskedWrite, "word" | "background">,
  blocks: readonly number[],
  isBusy: boolean,
): WriteSteps {
  const [first, ...more] = blocks;
  const name = blocks.length === 1 ? `memory${first}` : `blocks ${formatNumberList(blocks)}`.slice(0, 255);
  const besides = background ? { background: name } : {};
  if (first !== undefined && more.length === 0) {
    const patience = isBusy && !background ? { timeout_ms: LOCK_MS } : {};
    return { steps: [{ op: "block", n: first, v: word, ...patience, ...besides }], whole: undefined };
  }
  if (background || blocks.length <= AT_A_TIME)
    return { steps: [{ ...bulkStep(blocks, word), ...besides }], whole: undefined };
  const steps: StepRequest[] = [];
  for (let at = 0; at < blocks.length; at += AT_A_TIME) steps.push(bulkStep(blocks.slice(at, at + AT_A_TIME), word));
  return { steps, whole: bulkStep(blocks, word) };
}
