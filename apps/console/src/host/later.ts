import { deviceTypes } from "@memhp/devices";
import { builds, kernels } from "@memhp/kernels";
import * as whole from "./whole-lists.ts";

// What a first picture does without: what is done to a machine, and what the page's build leaves out of memhp's lists at first. It is put
// back here, before anybody can ask for it.

export { chosenBlocks, operationViews, perform, stepsOf } from "../session/acting.ts";
export { catalogue } from "../session/catalogue.ts";
export { containerViews } from "./container-view.ts";
export { deviceStates } from "./device-state-view.ts";

addTo(deviceTypes, whole.deviceTypes);
addTo(kernels, whole.kernels);
addTo(builds, whole.builds);

function addTo<T>(list: readonly T[], all: readonly T[]): void {
  for (const each of all) if (!list.includes(each)) (list as T[]).push(each);
}
