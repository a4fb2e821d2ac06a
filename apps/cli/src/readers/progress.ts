import type { Output } from "../host.ts";
import type { RunReader } from "./reader.ts";

const CLEAR = "\r\u001B[K";

/** One line that is overwritten while work goes on; nothing where nobody watches. */
export interface Progress {
  show(text: string): void;
  clear(): void;
}

export function progressLine(output: Output): Progress {
  let shown = false;
  return {
    show(text) {
      if (!output.isTerminal) return;
      output.write(`${CLEAR}${text.slice(0, (output.columns ?? 80) - 1)}`);
      shown = true;
    },
    clear() {
      if (shown) output.write(CLEAR);
      shown = false;
    },
  };
}

/** `step 12 of 40`, on a terminal. */
export function progressReader(progress: Progress, label: string): RunReader {
  return {
    machine: () => progress.show(`${label}: booted`),
    step: (_done, number, total) => progress.show(`${label}: step ${number + 1} of ${total}`),
    close: () => progress.clear(),
  };
}
