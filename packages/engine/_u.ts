import { archProfile, kernelProfile, ZONE_MOVABLE } from "@memhp/abi";
import { PageStore, populateBlock } from "./src/index.ts";
import { takeSmallest, freeChunk } from "./src/pages/buddy.ts";
const N = 32768;
const profile = kernelProfile("6.12");
const store = new PageStore(profile, archProfile("x86_64", profile.generation), N);
populateBlock(store, { block: 32, node: 0, zone: ZONE_MOVABLE });
const t = new Int32Array(N);
function run() {
  for (let i = 0; i < N; i++) t[i] = takeSmallest(store, 3, 0, 1);
  for (let i = 0; i < N; i++) {
    store.state[t[i]!] = 0;
    freeChunk(store, t[i]!, 0);
  }
}
for (let r = 0; r < 1500; r++) run();
