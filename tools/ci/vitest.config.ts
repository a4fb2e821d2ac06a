import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./src/longest-first.ts";

// Workspace packages resolve to their TypeScript sources, so no test needs a build.
const source = "@memhp/source";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tests = ["{packages,apps,tools}/*/{src,test}/**/*.test.ts", "examples/*/*.test.ts"];

/** Sources that Node runs as they are, types stripped, as `pnpm memhp` does; those of the page ask for what only vite knows. */
const plain = /\/(?:packages|tools|apps\/(?!console\/)[^/]+)\/(?:[^/]+\/)?src\/.+\.ts$/;

/** Tests that put something else in a module's place, which no other file may meet. */
const mocking = globSync(tests, { cwd: root, exclude: ["**/node_modules/**"] }).filter((file) =>
  readFileSync(new URL(`../../${file}`, import.meta.url), "utf8").includes("vi.mock("),
);

export default defineConfig({
  root,
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
  test: {
    // Worker threads started by a test are plain Node: they inherit this flag and strip types themselves. Node does that in
    // WebAssembly, and V8 13.6 can die where several threads tier up its wrappers (`Check failed: jit_page.has_value()`, in
    // Runtime_TierUpWasmToJSWrapper): so they never do.
    execArgv: [`--conditions=${source}`, "--wasm-wrapper-tiering-budget=1000000000"],
    pool: "forks",
    // One more than the two cores of CI: a test of the browser or of a mount mostly waits.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    // What many tests of a file look at is made before them, and takes as long as one.
    hookTimeout: 30_000,
    // What is waited for by asking again comes at last or never: vitest's one second is what a busy computer takes for a picture.
    expect: { poll: { timeout: 15_000 } },
    globalSetup: ["apps/console/test/browser/page-once.ts", "apps/cli/test/command-once.ts"],
    projects: [
      // memhp has no state of its own outside of machines, so files share a process and what it has loaded.
      {
        extends: true,
        test: {
          name: "shared",
          include: tests,
          exclude: ["**/node_modules/**", ...mocking],
          isolate: false,
          // Vite turns each use of an import into a call: a property test takes half as long again.
          server: { deps: { external: [plain] } },
        },
      },
      // With a folder of its own it has a server of its own: one that both share would remember what the other runs as it is.
      { extends: true, cacheDir: "node_modules/.vite/mocking", test: { name: "mocking", include: mocking } },
    ],
  },
});
