import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A recorded run or a page of facts: no code, but the text that it is. */
const isText = /^(?:var|let|const) \w+=(["'`])[^]*\1;export\{\w+ as default\};?\s*$/;

/** What no view shows, by why somebody asks for it. */
const unseen: Readonly<Record<string, string>> = {
  exports: "a run or its events are written down",
  "trace-text": "the same of a replayed run",
  "load-blocks": "the filter asks in which blocks a load lies",
  inspect: "a machine tells an inspector of its actors",
  "start-in-workers": "nodes are spread over workers",
};
const nameOf = (file: string): string => file.replace(/-[\w-]{8}\.js$/, "");

/** Of a built page: files of code that it may ask for, now or later, by what stands in the files before. */
export function pagesCode(folder: string): string[] {
  const found = new Set<string>();
  const look = (text: string): void => {
    for (const [, name = ""] of text.matchAll(/["'`]\.\/(?:assets\/)?([\w.-]+\.js)["'`]/g)) {
      if (found.has(name)) continue;
      const code = readFileSync(join(folder, "assets", name), "utf8");
      if (isText.test(code) || nameOf(name) in unseen) continue;
      found.add(name);
      look(code);
    }
  };
  for (const page of ["index.html", "inspector.html"]) look(readFileSync(join(folder, page), "utf8"));
  return [...found].sort();
}
