import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A recorded run or a page of facts: no code, but the text that it is. */
const isText = /^(?:var|let|const) \w+=(["'`])[^]*\1;export\{\w+ as default\};?\s*$/;

/** What deeds ask for and no view shows: a run or its events written down, loads and the use of nodes counted. */
const deeds = /^(?:exports|load-blocks|node-use|src|trace-text)-/;

/** Of a built page: files of code that it may ask for, now or later, by what stands in the files before. */
export function pagesCode(folder: string): string[] {
  const found = new Set<string>();
  const look = (text: string): void => {
    for (const [, name = ""] of text.matchAll(/["'`]\.\/(?:assets\/)?([\w.-]+\.js)["'`]/g)) {
      if (found.has(name)) continue;
      const code = readFileSync(join(folder, "assets", name), "utf8");
      if (isText.test(code) || deeds.test(name)) continue;
      found.add(name);
      look(code);
    }
  };
  for (const page of ["index.html", "inspector.html"]) look(readFileSync(join(folder, page), "utf8"));
  return [...found].sort();
}
