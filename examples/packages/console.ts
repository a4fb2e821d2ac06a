import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = dirname(createRequire(import.meta.url).resolve("@memhp/console/package.json"));
const dist = join(root, "dist");
const page = readFileSync(join(dist, "index.html"), "utf8");
console.log(page.toLowerCase().startsWith("<!doctype html>"));
const named = [...page.matchAll(/(?:src|href)="\.?\/?([^"#?]+)"/g)].map(([, file = ""]) => file);
console.log(
  named.length > 1,
  named.every((file) => file.startsWith("data:") || existsSync(join(dist, file))),
);
const files = readdirSync(dist, { recursive: true }).map(String);
console.log(files.some((file) => /worker/.test(file) && file.endsWith(".js")));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, unknown>;
console.log(manifest["dependencies"], existsSync(join(root, "README.md")), existsSync(join(root, "LICENSE")));
let bytes = 0;
for (const file of files.filter((name) => name.endsWith(".js"))) bytes += readFileSync(join(dist, file)).length;
console.log(bytes > 100_000);
console.log(/https?:\/\/(?!localhost|www\.w3\.org)/.test(page));
/* prints
true
true true
true
undefined true true
true
false
*/
