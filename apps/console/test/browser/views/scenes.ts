import { attachedScene } from "./attached.ts";
import { deviceScene } from "./devices.ts";
import { documentScene } from "./documents.ts";
import { failureScene, lostScene } from "./failures.ts";
import { inspectorScene } from "./inspector.ts";
import { largeScene } from "./large.ts";
import { machineScene } from "./machine.ts";
import type { Scene } from "./scene.ts";
import { sweepScene } from "./sweep.ts";

/**
 * All views of the page. Accessibility, pictures and the keyboard's way are tested of these, and that together they bring all code of the page:
 * a part that is in none of them does not go unnoticed.
 */
export const scenes: readonly Scene[] = [
  machineScene,
  deviceScene,
  documentScene,
  largeScene,
  failureScene,
  lostScene,
  attachedScene,
  sweepScene,
  inspectorScene,
];
