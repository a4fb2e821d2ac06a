// The built documentation: every link and anchor leads somewhere, everything that registries and packages have is there, the first page is light, and in a browser the machine of a page lives.
// `--no-browser` leaves the last out.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { walkApi } from "./api/walk.ts";
import { eventTypes, missingWords } from "./docs/complete.ts";
import { wantedWords } from "./docs/registries.ts";
import { deadPageLinks, firstPageFiles } from "./docs/site-links.ts";
import { tryDocs } from "./docs/try-docs.ts";
import { readRooms, workspaceRoot } from "./workspace.ts";

const FIRST_PAGE_LIMIT = 150_000;

const site = join(workspaceRoot, "docs/dist");
const pages = new Map(
  globSync("**/*.html", { cwd: site }).map((file) => [file, readFileSync(join(site, file), "utf8")]),
);
const files = new Set(globSync("**/*", { cwd: site }));
const problems = deadPageLinks(pages, files);

const api = walkApi(readRooms(workspaceRoot, ["packages"]).filter(({ manifest }) => manifest.private !== true));
const body = api.flatMap(({ exports }) => exports).find(({ name }) => name === "EventBody");
const wanted: Record<string, readonly string[]> = {
  ...(await wantedWords()),
  "reference/events.html": eventTypes(body?.declaration ?? ""),
};
for (const { entry, exports } of api) {
  const page = `api/${entry.replace("@memhp/", "").replace(/\/.*/, "")}.html`;
  wanted[page] = [...(wanted[page] ?? []), ...exports.map(({ name }) => name)];
}
problems.push(...missingWords(pages, wanted));
const words = Object.values(wanted).reduce((sum, each) => sum + each.length, 0);

const loaded = firstPageFiles(pages.get("index.html") ?? "");
const weight = loaded.reduce((sum, file) => sum + gzipSync(readFileSync(join(site, file))).length, 0);
if (weight > FIRST_PAGE_LIMIT)
  problems.push(`the first page loads ${weight} bytes (gzip), more than ${FIRST_PAGE_LIMIT}: ${loaded.join(", ")}`);
console.log(
  `${pages.size} pages, ${words} words of registries and exports, first page ${(weight / 1000).toFixed(0)} kB (gzip)`,
);

if (!process.argv.includes("--no-browser")) problems.push(...(await tryDocs()));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
