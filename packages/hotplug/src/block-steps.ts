import type { BlockStep } from "@memhp/block";
import { offlineSteps } from "./offline-steps.ts";
import { onlineSteps } from "./online-steps.ts";
import type { Step } from "./step-context.ts";

/** What each step of the statechart does. The order of the steps is the statechart's. */
export const blockStepActions: Readonly<Record<BlockStep, Step>> = { ...onlineSteps, ...offlineSteps };
