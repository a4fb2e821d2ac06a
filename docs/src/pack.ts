// Builds the documentation and lays it beside the command line, which serves it (`memhp docs`), with the facts that rules name (`memhp rule`).
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

await import("./build.ts");
for (const [from, to] of [
  ["../dist", "docs"],
  ["../../tools/conformance/facts", "facts"],
]) {
  const into = fileURLToPath(new URL(`../../apps/cli/${to}`, import.meta.url));
  rmSync(into, { recursive: true, force: true });
  cpSync(fileURLToPath(new URL(from ?? "", import.meta.url)), into, { recursive: true });
}
