import { operations } from "@memhp/scenario";
import fc from "fast-check";
import { beside } from "./steps/beside.ts";
import type { Draft, Maker } from "./steps/draft.ts";
import { hotplug } from "./steps/hotplug.ts";
import { use } from "./steps/use.ts";

/** Operations of recorded guests, whose programs memhp does not run. */
const ofRecorders: ReadonlySet<string> = new Set(["sh", "bg", "kill", "qmp"]);

const inMachine = { ...hotplug, ...use };

/** An operation that nobody has written a maker for is tried as its own example says. */
const others = operations
  .filter(({ op }) => !Object.hasOwn({ ...inMachine, ...beside }, op) && !ofRecorders.has(op))
  .map(({ example }): Maker => ({ weight: 1, arbitrary: fc.constant(() => example) }));

/** Steps that leave all that they did in the machine. */
export const stepInMachine: fc.Arbitrary<Draft> = fc.oneof(...Object.values(inMachine));
/** Any steps. */
export const anyStep: fc.Arbitrary<Draft> = fc.oneof(...Object.values(inMachine), ...Object.values(beside), ...others);
