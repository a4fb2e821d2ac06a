import type { Kernel } from "@memhp/kernels";
import fc from "fast-check";
import { randomMachine } from "./random-machine.ts";
import { anyStep, stepInMachine } from "./random-step.ts";
import { Named, type RandomStep } from "./steps/draft.ts";

/** A scenario as plain data. */
export interface PlainScenario {
  readonly format: "memhp-scenario/1";
  readonly name: string;
  readonly kernel: string;
  readonly seed: number;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly steps: readonly RandomStep[];
}

const MIN_STEPS = 20;
const MAX_STEPS = 80;

/** A random machine under a kernel, and what happens to it; half of them have nothing but the machine, so that it can be written down anywhere. */
export function randomScenario(kernel: Kernel, name: string): fc.Arbitrary<PlainScenario> {
  const steps = fc.oneof(
    fc.array(stepInMachine, { minLength: MIN_STEPS, maxLength: MAX_STEPS, size: "max" }),
    fc.array(anyStep, { minLength: MIN_STEPS, maxLength: MAX_STEPS, size: "max" }),
  );
  return fc
    .record({ machine: randomMachine(kernel), seed: fc.nat(2 ** 31 - 1), steps })
    .map(({ machine, seed, steps }) => {
      const named = new Named(machine);
      return {
        format: "memhp-scenario/1",
        name,
        kernel: kernel.id,
        seed,
        machine: machine.machine,
        steps: steps.map((draft) => draft(named)),
      };
    });
}
