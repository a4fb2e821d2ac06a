// Bundles every entry that a browser may load, loads it where nothing of Node exists, and compares its size with what `sizes.json` states
// (everything that the entry brings, dependencies included, minified and gzipped). `--write` states the sizes of today.
import { readFileSync, writeFileSync } from "node:fs";
import { browserEntries, bundleForBrowser } from "./browser-bundles.ts";
import { isNodeOnly } from "./floors.ts";
import { sizeProblem } from "./sizes.ts";
import { readRooms, workspaceRoot } from "./workspace.ts";

const file = new URL("../sizes.json", import.meta.url);
const stated = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
const writes = process.argv.includes("--write");
const measured: Record<string, number> = {};
let failed = false;
for (const room of readRooms(workspaceRoot, ["packages"])) {
  if (isNodeOnly(room.folder)) continue;
  for (const { entry, file: source } of browserEntries(room)) {
    const { sizeBytes, gzipBytes, problems } = await bundleForBrowser(workspaceRoot, entry, source);
    measured[entry] = gzipBytes;
    console.log(`${entry}: ${(sizeBytes / 1000).toFixed(1)} kB, ${(gzipBytes / 1000).toFixed(1)} kB gzipped`);
    const tooLarge = writes ? undefined : sizeProblem(stated[entry], gzipBytes);
    const all = tooLarge === undefined ? problems : [...problems, tooLarge];
    for (const problem of all) console.error(`${entry}: ${problem}`);
    failed ||= all.length > 0;
  }
}
if (writes) writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
process.exitCode = failed ? 1 : 0;
