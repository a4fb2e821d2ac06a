import { timeText } from "../timeline/layout.ts";
import type { RunReader } from "./reader.ts";

/** The last line of a run: how many steps, how long they took in simulated time, what did not go well. */
export function summaryReader(): RunReader & { readonly text: () => string } {
  let steps = 0;
  let refused = 0;
  let atNs = 0;
  let kernel = "";
  let failed = 0;
  let atBoot = 0;
  return {
    machine({ bootRefusals }) {
      atBoot = bootRefusals.length;
    },
    step(done) {
      steps++;
      atNs = done.at_ns;
      if (done.refusal !== undefined) refused++;
    },
    end({ trace, failures }) {
      kernel = trace.kernel;
      failed = failures.length;
    },
    text() {
      const parts = [
        `${steps} steps on ${kernel}`,
        `${timeText(atNs)} of simulated time`,
        `${refused} refused`,
        ...(atBoot === 0 ? [] : [`memory of ${atBoot} device${atBoot === 1 ? "" : "s"} refused at boot`]),
        ...(failed === 0 ? [] : [`${failed} expectations failed`]),
      ];
      return `${parts.join(", ")}\n`;
    },
  };
}
