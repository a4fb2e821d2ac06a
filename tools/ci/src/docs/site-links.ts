import { posix } from "node:path";

/** Links and anchors of built pages that lead to nothing; addresses of elsewhere are not followed. */
export function deadPageLinks(pages: ReadonlyMap<string, string>, files: ReadonlySet<string>): string[] {
  const ids = new Map(
    [...pages].map(([file, html]) => [
      file,
      new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id = ""]) => unescaped(id))),
    ]),
  );
  return [...pages].flatMap(([page, html]) => {
    const links = [...html.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, link = ""]) => unescaped(link));
    return [...new Set(links)].flatMap((link) => {
      const to = target(page, link);
      if (to === undefined) return [];
      if (!files.has(to.file)) return [`${page}: ${link} leads to no page`];
      const known = ids.get(to.file);
      return to.anchor === "" || known === undefined || known.has(to.anchor)
        ? []
        : [`${page}: ${link} leads to no place of ${to.file}`];
    });
  });
}

function target(page: string, link: string): { readonly file: string; readonly anchor: string } | undefined {
  if (/^[a-z]+:|^\/\//.test(link)) return undefined;
  const [path = "", anchor = ""] = link.split("#");
  const at =
    path === "" ? page : posix.normalize(path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(page), path));
  const file = at === "" || at === "." || at.endsWith("/") ? posix.join(at, "index.html") : decodeURIComponent(at);
  return { file, anchor: decodeURIComponent(anchor) };
}

function unescaped(text: string): string {
  return text.replaceAll("&amp;", "&").replaceAll("&#39;", "'").replaceAll("&quot;", '"');
}

/** What a browser loads for a page before anybody does anything: itself, styles, and scripts with what they name to be loaded at once. */
export function firstPageFiles(html: string): string[] {
  const named = [...html.matchAll(/<(?:link|script)[^>]* (?:href|src)="\/([^"]+)"[^>]*>/g)];
  const files = named
    .filter(([tag]) => /rel="(stylesheet|modulepreload|preload)"|<script/.test(tag))
    .map(([, file = ""]) => file);
  return ["index.html", ...new Set(files)];
}
