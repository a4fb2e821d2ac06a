import { deviceTypes } from "@memhp/devices";
import { builds, kernels } from "@memhp/kernels";
import { announcers } from "@memhp/machine";
import { platforms } from "@memhp/platforms";
import * as whole from "./whole-lists.ts";

// What the page's build leaves out of memhp's lists at first is put back here, before anybody can ask for it.

addTo(deviceTypes, whole.deviceTypes);
addTo(kernels, whole.kernels);
addTo(builds, whole.builds);
addTo(platforms, whole.platforms);
addTo(announcers, whole.announcers);

function addTo<T>(list: readonly T[], all: readonly T[]): void {
  for (const each of all) if (!list.includes(each)) (list as T[]).push(each);
}
