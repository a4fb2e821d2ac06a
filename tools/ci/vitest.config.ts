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
    include: ["{packages,apps,tools}/*/{src,test}/**/*.test.ts"],
    // Worker threads started by a test are plain Node: they inherit this flag and strip types themselves.
    execArgv: [`--conditions=${source}`],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
