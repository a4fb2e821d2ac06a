// Builds the documentation and lays it beside the command line, which serves it: `memhp docs`.
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

await import("./build.ts");
const into = fileURLToPath(new URL("../../apps/cli/docs", import.meta.url));
rmSync(into, { recursive: true, force: true });
cpSync(fileURLToPath(new URL("../dist", import.meta.url)), into, { recursive: true });
