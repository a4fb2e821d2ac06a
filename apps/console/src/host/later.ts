// Before all that reads the lists as it is loaded.
import "./fill-lists.ts";

// What a first picture does without: what is done to a machine.

export { operationViews, perform, selectBlocks, stepsOf } from "../session/acting.ts";
export { catalogue } from "../session/catalogue.ts";
export { containerViews } from "./container-view.ts";
export { deviceStates } from "./device-state-view.ts";
