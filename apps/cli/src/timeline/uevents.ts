import { formatNumberList } from "@memhp/abi";
import { shortDevpath } from "./words.ts";

interface Uevent {
  readonly action: string;
  readonly devpath: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** `add@memory32`, …, `add@memory39` become `add@memory32-39`; the order of what differs is kept. */
export function ueventTexts(uevents: readonly Uevent[]): string[] {
  const groups: { readonly action: string; readonly stem: string; readonly numbers: number[] | undefined }[] = [];
  for (const { action, devpath, env = {} } of uevents) {
    const variables = Object.entries(env).map(([name, value]) => ` ${name}=${value}`);
    const short = `${shortDevpath(devpath)}${variables.join("")}`;
    const [, stem = short, digits] = /^(memory|node)(\d+)$/.exec(short) ?? [];
    const last = groups.at(-1);
    if (digits !== undefined && last?.numbers !== undefined && last.action === action && last.stem === stem) {
      last.numbers.push(Number(digits));
    } else {
      groups.push({ action, stem, numbers: digits === undefined ? undefined : [Number(digits)] });
    }
  }
  return groups.map(
    ({ action, stem, numbers }) => `${action}@${stem}${numbers === undefined ? "" : briefList(numbers)}`,
  );
}

const MAX_RANGES = 6;
const SHOWN_RANGES = 3;

/** `32-39, 41`; of a list with many gaps only the beginning. */
export function briefList(numbers: readonly number[]): string {
  const ranges = formatNumberList(numbers).split(",");
  if (ranges.length <= MAX_RANGES) return ranges.join(", ");
  return `${ranges.slice(0, SHOWN_RANGES).join(", ")}, … (${new Set(numbers).size} in all)`;
}
