// What a stranger reads first in a tarball: its links, and which changes concern it.
import { readFileSync, globSync } from "node:fs";
import { join, posix } from "node:path";

/** More packages than this share no change: somebody who reads one changelog learns what the others got. */
const MAX_PACKAGES_PER_CHANGE = 10;

/** Links of a packed README that lead to nothing: files that the tarball does not have, or that lie outside of it. */
export function deadLinks(readme: string, files: ReadonlySet<string>): string[] {
  const prose = readme.replaceAll(/^```.*?^```$/gms, "");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g), ...prose.matchAll(/<img[^>]* src="([^"]+)"/g)].map(
    ([, to = ""]) => to,
  );
  return targets
    .filter((to) => !/^(https?:|mailto:)/.test(to))
    .filter((to) => {
      if (to.startsWith("#")) return !anchors(prose).has(to.slice(1));
      const path = posix.normalize(to.replace(/#.*$/, "")).replace(/\/$/, "");
      return !files.has(path) && ![...files].some((file) => file.startsWith(`${path}/`));
    });
}

function anchors(markdown: string): Set<string> {
  return new Set(
    [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}

export interface Change {
  readonly file: string;
  readonly packages: readonly string[];
}

/** The changes that wait for the next version. */
export function readChanges(root: string): Change[] {
  return globSync(".changeset/*.md", { cwd: root })
    .toSorted()
    .map((file) => {
      const [, head = ""] = readFileSync(join(root, file), "utf8").split(/^---$/m);
      return { file, packages: [...head.matchAll(/^"([^"]+)":/gm)].map(([, name = ""]) => name) };
    });
}

/** What is wrong with the changes that wait: packages that do not exist, changes that concern everybody. */
export function changeProblems(changes: readonly Change[], names: ReadonlySet<string>): string[] {
  return changes.flatMap(({ file, packages }) => [
    ...packages.filter((name) => !names.has(name)).map((name) => `${file}: there is no package ${name}`),
    ...(packages.length === 0 ? [`${file}: names no package`] : []),
    ...(packages.length > MAX_PACKAGES_PER_CHANGE
      ? [
          `${file}: concerns ${packages.length} packages, more than ${MAX_PACKAGES_PER_CHANGE}; write one for each concern`,
        ]
      : []),
  ]);
}
