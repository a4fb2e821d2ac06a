import { fileURLToPath } from "node:url";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

// Workspace packages resolve to their TypeScript sources, so no test needs a build.
const source = "@memhp/source";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
  test: {
    include: ["{packages,apps,tools}/*/{src,test}/**/*.test.ts", "examples/*/*.test.ts"],
    // Worker threads started by a test are plain Node: they inherit this flag and strip types themselves. Node does that in
    // WebAssembly, and V8 13.6 can die where several threads tier up its wrappers (`Check failed: jit_page.has_value()`, in
    // Runtime_TierUpWasmToJSWrapper): so they never do.
    execArgv: [`--conditions=${source}`, "--wasm-wrapper-tiering-budget=1000000000"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
