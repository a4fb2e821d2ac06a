import type { Finding, FuzzResult } from "@memhp/sweep/fuzz";

/** Name of the file of a finding; what differs only by its seed stands together. */
export function findingFile({ kernel, seed, finding }: FuzzResult): string {
  return `${finding?.law ?? "lost"}-${kernel}-${seed}.yaml`;
}

/** A scenario that can be run as it is, and says what it shows: YAML with a step a line. */
export function findingText(
  { scenario, law, step, what, tried, ofSteps, isUnfinished }: Finding,
  file: string,
): string {
  const { steps, ...head } = scenario;
  const told = what.split("\n").map((line) => `# ${line}`);
  return [
    `# This breaks a law of memhp: ${law}, seen ${step < 0 ? "before the first step" : step >= steps.length ? "at the end" : `after step ${step}`}.`,
    ...told,
    `# Of ${ofSteps} steps, made smaller in ${tried} tries${isUnfinished === true ? ", and perhaps not as small as can be" : ""}. To see it again: memhp fuzz ${file}`,
    ...Object.entries(head).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
    steps.length === 0 ? "steps: []" : "steps:",
    ...steps.map((each) => `  - ${JSON.stringify(each)}`),
    "",
  ].join("\n");
}
