import { browserEntries, bundleForBrowser } from "./browser-bundles.ts";
import { isNodeOnly } from "./floors.ts";
import { readRooms, workspaceRoot } from "./workspace.ts";

let failed = false;
for (const room of readRooms(workspaceRoot, ["packages"])) {
  if (isNodeOnly(room.folder)) continue;
  for (const { entry, file } of browserEntries(room)) {
    const { sizeBytes, problems } = await bundleForBrowser(workspaceRoot, entry, file);
    console.log(`${entry}: ${(sizeBytes / 1000).toFixed(1)} kB`);
    for (const problem of problems) console.error(`${entry}: ${problem}`);
    failed ||= problems.length > 0;
  }
}
process.exitCode = failed ? 1 : 0;
