// Builds the documentation into `docs/dist`, static files that any server can serve: `node --conditions=@memhp/source docs/src/build.ts`.
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vitepress";
import { apiPages } from "./generate/api.ts";
import { examplesPage } from "./generate/examples.ts";
import {
  commandsPage,
  eventsPage,
  factPages,
  filesPage,
  operationsPage,
  rulesPage,
  studiesPages,
} from "./generate/reference.ts";
import { extendPages } from "./generate/extend.ts";
import { refusalsPage } from "./generate/refusals.ts";
import { root } from "./generate/root.ts";
import { sidebar } from "./sidebar.ts";

const docs = fileURLToPath(new URL("..", import.meta.url));
const site = join(docs, ".site");
const out = join(docs, "dist");

rmSync(site, { recursive: true, force: true });
cpSync(join(docs, "pages"), site, { recursive: true });
for (const folder of globSync("packages/*/pictures", { cwd: root }))
  cpSync(join(root, folder), join(site, "public/pictures", basename(dirname(folder))), { recursive: true });

const pages = [
  operationsPage(),
  await commandsPage(),
  await filesPage(),
  eventsPage(),
  rulesPage(),
  await refusalsPage(),
  ...studiesPages(),
  examplesPage(),
  ...factPages(),
  ...apiPages(),
  ...extendPages(),
];
for (const { path, markdown } of pages) {
  const file = join(site, `${path}.md`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, markdown);
}
writeFileSync(join(site, ".vitepress/sidebar.json"), JSON.stringify(sidebar(pages.map(({ path }) => path))));

// The machines of the pages: the console's own parts, in a frame.
const consoleFolder = join(root, "apps/console");
execFileSync(
  process.execPath,
  [join(consoleFolder, "node_modules/vite/bin/vite.js"), "build", "--outDir", join(site, "public/live")],
  {
    cwd: consoleFolder,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, MEMHP_CONSOLE_PAGES: "embed.html" },
  },
);

process.env["MEMHP_DOCS_OUT"] = out;
process.env["MEMHP_DOCS_CACHE"] = join(docs, ".site/.cache");
await build(site);
