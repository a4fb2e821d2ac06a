import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { chunksFor } from "./chunks.ts";
import { defaultClientConditions, defineConfig, type Plugin, type UserConfig } from "vite";

/** Pages that somebody else builds into a site of their own. */
const pages = process.env["MEMHP_CONSOLE_PAGES"]?.split(",");
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** The console, and the page of `--inspect`; the documentation builds the machine of its pages, and nothing else. */
const entries = (pages ?? ["index.html", "inspector.html"]).map(here);
/** What the console's own page asks for first, and what that asks for at once. */
const start = here("index.html");
const page = here("src/main.tsx");
/** Where the code of a machine begins, and of what is done to it. */
const machine = fileURLToPath(new URL("src/host/host-worker.ts", import.meta.url));
const hands = here("src/host/later.ts");
const HOST = "virtual:memhp-host-worker";

/**
 * The worker that a machine lives in, as a chunk of the page's own build: what both need (XState, Comlink, the words) is loaded once.
 * Vite builds a worker apart, with a second copy of all that.
 */
function hostWorker(): Plugin {
  let isBuild = false;
  return {
    name: "memhp-host-worker",
    configResolved: ({ command }) => void (isBuild = command === "build"),
    resolveId: (id) => (id === HOST ? `\0${HOST}` : undefined),
    load(id) {
      if (id !== `\0${HOST}`) return undefined;
      if (!isBuild) return `export default ${JSON.stringify("/src/host/host-worker.ts")};`;
      const file = this.emitFile({ type: "chunk", id: machine, name: "host-worker" });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
  };
}

/** Lists of memhp, and what of them the machine has that a first visit shows. */
const lists = [
  { file: "packages/devices/src/device-types.ts", name: "deviceTypes", first: "dimm" },
  { file: "packages/kernels/src/kernels.ts", name: "kernels", first: "linux41" },
  { file: "packages/kernels/src/builds.ts", name: "builds", first: "" },
  { file: "packages/machine/src/kernel/announcers.ts", name: "announcers", first: "" },
  { file: "packages/platforms/src/platforms.ts", name: "platforms", first: "x86_64" },
];

/**
 * The first machine is always the same, so most kernels, platforms and devices are code that its picture does not need: the lists begin
 * without them, and src/host/fill-lists.ts adds them from the whole lists. Workers of shards have all: they only run where somebody asked for them.
 */
function firstMachine(): Plugin {
  const packages = here("../../");
  return {
    name: "memhp-first-machine",
    enforce: "pre",
    transform(code, id) {
      if (id.endsWith("src/host/whole-lists.ts"))
        return lists
          .map(({ file, name }) => `export { ${name} } from ${JSON.stringify(`${packages}${file}?whole`)};`)
          .join("\n");
      const list = lists.find(({ file }) => id.endsWith(file));
      if (list === undefined) return undefined;
      const { name, first } = list;
      const begun = code.replace(new RegExp(`(export const ${name}\\b[^=]*= \\[)[^\\]]*\\];`), `$1${first}];`);
      if (begun === code) this.error(`${list.file} has no list ${name} any more`);
      // The kernel of people who name none is not the first machine's.
      return begun.replace(/export const (defaultKernel)\b.*;/, `export { $1 } from ${JSON.stringify(`${id}?whole`)};`);
    },
  };
}

/** Names all code of the page in its HTML, so that it comes at once and not file by file as each names the next. */
function preloaded(): Plugin {
  return {
    name: "memhp-preloaded",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {}, filename }) {
        if (filename !== start) return [];
        const main = Object.values(bundle).find((each) => each.type === "chunk" && each.facadeModuleId === page);
        const files = new Set(main === undefined ? [] : [main.fileName]);
        for (const name of files) {
          const chunk = bundle[name];
          if (chunk?.type === "chunk") for (const other of chunk.imports) files.add(other);
        }
        return [...files].map((name) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `./${name}` },
        }));
      },
    },
  };
}

/** Lays each file beside itself compressed, as `memhp serve` sends it: once here is better than at every request. */
function compressed(): Plugin {
  return {
    name: "memhp-compressed",
    apply: "build",
    writeBundle({ dir }, bundle) {
      // Tests read the files as they are.
      if (dir === undefined || process.env["VITEST"] !== undefined || pages !== undefined) return;
      for (const name of Object.keys(bundle).filter((file) => /\.(?:js|css|html|svg|md)$/.test(file))) {
        const file = join(dir, name);
        const body = readFileSync(file);
        if (body.length < 1000) continue;
        writeFileSync(`${file}.gz`, gzipSync(body, { level: 9 }));
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(`${file}.br`, brotliCompressSync(body, { params }));
      }
    },
  };
}

/** The room of a package that comes as a whole: its file alone is called index, and its folder src. */
const roomOf = (id: string | null): string | undefined => /packages\/([\w-]+)\/src\/index\.ts$/.exec(id ?? "")?.[1];

/** Nothing here is read for what reading does. */
const treeshake = { propertyReadSideEffects: false, unknownGlobalSideEffects: false } as const;

const config = {
  root: here("."),
  base: "./",
  plugins: [hostWorker(), firstMachine()],
  resolve: {
    conditions: ["@memhp/source", ...defaultClientConditions],
    // Components are written for React. Preact runs them in a tenth of the code, which a first visit waits for.
    alias: [
      { find: "react/jsx-runtime", replacement: "preact/jsx-runtime" },
      { find: "react-dom/client", replacement: "preact/compat/client" },
      { find: /^react$/, replacement: "preact/compat" },
    ],
  },
  worker: { format: "es" },
  build: { target: "es2023", modulePreload: false, rolldownOptions: { input: entries, treeshake } },
} satisfies UserConfig;

/** The page: one folder with relative addresses, served from anywhere. */
export default defineConfig(async ({ command }): Promise<UserConfig> => {
  if (command !== "build") return config;
  const byName = Object.fromEntries(entries.map((entry) => [basename(entry, ".html"), entry]));
  if ("index" in byName) byName["index"] = page;
  const chunks = await chunksFor(config, {
    start,
    pages: byName,
    worker: ["machine", machine],
    behind: ["hands", hands],
  });
  const group = { debugName: "who needs it", name: (id: string) => chunks.get(id) };
  return {
    ...config,
    plugins: [...config.plugins, ...("index" in byName ? [preloaded()] : []), compressed()],
    build: {
      ...config.build,
      outDir: "dist",
      emptyOutDir: true,
      license: { fileName: "licenses.md" },
      rolldownOptions: {
        ...config.build.rolldownOptions,
        output: {
          chunkFileNames: ({ facadeModuleId, name }) => `assets/${roomOf(facadeModuleId) ?? name}-[hash].js`,
          codeSplitting: { includeDependenciesRecursively: false, groups: [group] },
        },
      },
    },
  };
});
