import type { PlainScenario } from "./random-scenario.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Makes a scenario smaller for as long as it stays as it is meant to be: first fewer steps, by leaving out ever smaller parts of
 * them (delta debugging), then fewer words of machine and steps.
 * @param isStill whether a smaller one still shows what the whole one shows.
 */
export async function shrink(
  whole: PlainScenario,
  isStill: (smaller: PlainScenario) => Promise<boolean>,
): Promise<PlainScenario> {
  let smallest = whole;
  for (;;) {
    const fewerSteps = await withFewerSteps(smallest, isStill);
    const fewerWords = await withFewerWords(fewerSteps, isStill);
    if (fewerWords === smallest) return smallest;
    smallest = fewerWords;
  }
}

type IsStill = (smaller: PlainScenario) => Promise<boolean>;

async function withFewerSteps(scenario: PlainScenario, isStill: IsStill): Promise<PlainScenario> {
  let smallest = scenario;
  for (let part = Math.ceil(scenario.steps.length / 2); part >= 1; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    // From the end: what comes later depends on what was before.
    for (let end = smallest.steps.length; end > 0; end -= part) {
      const steps = [...smallest.steps.slice(0, Math.max(0, end - part)), ...smallest.steps.slice(end)];
      const smaller = { ...smallest, steps };
      if (steps.length < smallest.steps.length && (await isStill(smaller))) smallest = smaller;
    }
  }
  return smallest;
}

async function withFewerWords(scenario: PlainScenario, isStill: IsStill): Promise<PlainScenario> {
  let smallest = scenario;
  const seen = new Set<string>();
  for (;;) {
    let isSmaller = false;
    for (const smaller of simpler(smallest)) {
      const text = JSON.stringify(smaller);
      if (seen.has(text)) continue;
      seen.add(text);
      if (!(await isStill(smaller))) continue;
      smallest = smaller;
      isSmaller = true;
      break;
    }
    if (!isSmaller) return smallest;
  }
}

/** The scenario with one thing less. */
function* simpler(scenario: PlainScenario): Generator<PlainScenario> {
  for (const machine of simplerMachines(scenario.machine)) yield { ...scenario, machine };
  for (const [i, step] of scenario.steps.entries())
    for (const key of Object.keys(step)) {
      if (key === "op") continue;
      const { [key]: _, ...rest } = step;
      const steps = scenario.steps.with(i, rest as PlainScenario["steps"][number]);
      yield { ...scenario, steps };
    }
}

function* simplerMachines(machine: Json): Generator<Json> {
  for (const key of Object.keys(machine)) {
    const { [key]: _, ...rest } = machine;
    yield rest;
  }
  const { cmdline, nodes } = machine;
  if (typeof cmdline === "string" && cmdline !== "") {
    const words = cmdline.split(" ");
    for (const i of words.keys()) yield { ...machine, cmdline: words.toSpliced(i, 1).join(" ") };
  }
  if (Array.isArray(nodes) && nodes.length > 1) {
    const fewer = (nodes as readonly Json[]).slice(0, -1);
    const mib = fewer.reduce((sum, { mem }) => sum + Number.parseInt(String(mem), 10), 0);
    yield { ...machine, nodes: fewer, memory: `${mib}M`, smp: fewer.length };
  }
  const count = (nodes as { readonly count?: unknown } | undefined)?.count;
  if (typeof count === "number" && count > 1) yield { ...machine, nodes: { ...(nodes as Json), count: count - 1 } };
}
