import { attachedTour } from "./attached.ts";
import { deviceScene } from "./devices.ts";
import { documentScene } from "./documents.ts";
import { inspectorTour } from "./inspector.ts";
import { largeScene } from "./large.ts";
import { machineScene } from "./machine.ts";
import type { Tour } from "./scene.ts";
import { sweepTour } from "./sweep.ts";

/**
 * All views of the page. Accessibility, pictures and the keyboard's way are tested of these, and that together they bring all code of the page:
 * a part that is in none of them does not go unnoticed.
 */
export const tours: readonly Tour[] = [
  { at: "", scenes: [machineScene, deviceScene, documentScene] },
  { at: "", scenes: [largeScene] },
  attachedTour,
  sweepTour,
  inspectorTour,
];
