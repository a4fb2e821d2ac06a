import { archProfile, kernelProfile, ZONE_MOVABLE } from "@memhp/abi";
import { PageStore, populateBlock, zonelist, allocateFrom, freeUsed } from "./src/index.ts";
import { takeSmallest, freeChunk } from "./src/pages/buddy.ts";
import { markUsed } from "./src/pages/used-pages.ts";
const N = 32768;
const profile = kernelProfile("6.12");
const store = new PageStore(profile, archProfile("x86_64", profile.generation), N);
populateBlock(store, { block: 32, node: 0, zone: ZONE_MOVABLE });
const zones = zonelist(store, [0], ZONE_MOVABLE);
const t = new Int32Array(N);
const best: Record<string, number> = {};
function time(name: string, f: () => void) {
  const b = performance.now();
  f();
  best[name] = Math.min(best[name] ?? 1e9, ((performance.now() - b) * 1e6) / N);
}
for (let r = 0; r < 200; r++) {
  time("take", () => {
    for (let i = 0; i < N; i++) t[i] = takeSmallest(store, 3, 0, 1);
  });
  time("mark", () => {
    for (let i = 0; i < N; i++) markUsed(store, t[i]!, 3, 0, 5, 0);
  });
  time("freeUsed", () => {
    for (let i = 0; i < N; i++) freeUsed(store, t[i]!);
  });
  time("allocateFrom", () => {
    for (let i = 0; i < N; i++) t[i] = allocateFrom(store, zones, 0, 1, 5, 0);
  });
  for (let i = 0; i < N; i++) {
    store.kindPages[3 * 32 + 5]!--;
    store.ownerPages[0]!--;
    store.state[t[i]!] = 0;
  }
  time("freeEven", () => {
    for (let i = 0; i < N; i += 2) freeChunk(store, t[i]!, 0);
  });
  time("freeOdd", () => {
    for (let i = 1; i < N; i += 2) freeChunk(store, t[i]!, 0);
  });
}
console.log(best);
