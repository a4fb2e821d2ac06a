// The API: a page for each package, from the declarations and docstrings that are published with it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiExport, walkApi } from "../../../tools/ci/src/api/walk.ts";
import { readRooms } from "../../../tools/ci/src/workspace.ts";
import { fenced, type Page, shown, table } from "./markdown.ts";
import { factLinks } from "./reference.ts";
import { root } from "./root.ts";

const sizes = JSON.parse(readFileSync(join(root, "tools/ci/sizes.json"), "utf8")) as Readonly<Record<string, number>>;

const KINDS = [
  ["function", "Functions"],
  ["class", "Classes"],
  ["const", "Constants"],
  ["type", "Types"],
] as const;

/** A page for each package with exports, and one that lists them. */
export function apiPages(): Page[] {
  const rooms = readRooms(root, ["packages"]).filter(({ manifest }) => manifest.private !== true);
  const entries = walkApi(rooms);
  const pages = rooms.map(({ folder, manifest }): Page => {
    const name = manifest.name.replace("@memhp/", "");
    const readme = readFileSync(join(root, folder, "README.md"), "utf8");
    const own = entries.filter(({ entry }) => entry === manifest.name || entry.startsWith(`${manifest.name}/`));
    const seen = new Set<string>();
    const fresh = own.map(({ entry, exports }) => ({
      entry,
      exports: exports.filter((each) => !seen.has(each.name) && seen.add(each.name)),
    }));
    const parts = fresh.flatMap(({ entry, exports }) =>
      exports.length === 0
        ? []
        : [
            `## ${entry}\n`,
            ...KINDS.flatMap(([kind, title]) =>
              section(
                title,
                exports.filter((each) => each.kind === kind),
              ),
            ),
          ],
    );
    return { path: `api/${name}`, markdown: `${readmePart(readme, name)}\n${parts.join("\n")}` };
  });
  const rows = rooms.map(({ manifest }) => {
    const name = manifest.name.replace("@memhp/", "");
    const exports = entries
      .filter(({ entry }) => entry === manifest.name || entry.startsWith(`${manifest.name}/`))
      .flatMap((each) => each.exports);
    const bytes = sizes[manifest.name];
    const size = bytes === undefined ? "Node only" : `${(bytes / 1000).toFixed(1)} kB`;
    return [`[\`${manifest.name}\`](/api/${name})`, shown(manifest.description ?? ""), String(exports.length), size];
  });
  return [
    ...pages,
    {
      path: "api/index",
      markdown: `# Packages\n\n${table(["package", "alone it is", "exports", "min+gzip"], rows)}\nSizes are of everything that a package brings, dependencies included, minified and gzipped; a check guards them.\n`,
    },
  ];
}

/** The README, with its pictures where the site has them. */
function readmePart(readme: string, name: string): string {
  // The page itself is what the README's table of exports and its last words lead to.
  return shown(readme.replace(/^## Exports\n[^]*/m, ""))
    .replaceAll(/\]\(pictures\/([^)]+)\)/g, `](/pictures/${name}/$1)`)
    .replaceAll(/\]\((?!https?:|\/|#)([^)]+)\)/g, "]");
}

function section(title: string, exports: readonly ApiExport[]): string[] {
  if (exports.length === 0) return [];
  return [`### ${title}\n`, ...exports.map(text)];
}

function text({ name, doc, throws, returns, declaration }: ApiExport): string {
  const said = factLinks(shown(doc));
  const tags = [
    ...(returns === "" ? [] : [`Returns ${shown(returns)}`]),
    ...throws.map((error) => `Throws ${shown(error)}`),
  ];
  return `#### ${name} {#${name}}\n\n${said}\n\n${tags.map((tag) => `- ${tag.replaceAll("\n", " ")}\n`).join("")}\n${fenced("ts", declaration)}`;
}
