import { isBuiltin } from "node:module";
import { join, posix, relative } from "node:path";
import { createContext, Script } from "node:vm";
import { gzipSync } from "node:zlib";
import { rolldown, type Plugin } from "rolldown";
import { isNodeOnly } from "./floors.ts";
import type { Room } from "./workspace.ts";

export interface BrowserBundle {
  /** `@memhp/machine` or `@memhp/machine/worker`. */
  readonly entry: string;
  readonly sizeBytes: number;
  readonly gzipBytes: number;
  /** Why it would not run in a browser; empty when it does. */
  readonly problems: readonly string[];
}

// npm packages that stand in for Node's modules; isBuiltin() catches those that share the name.
const polyfills =
  /(-browserify|-polyfill|-shim|node-libs?-browser|rolldown-plugin-node-polyfills|browserify-.*|readable-stream|safe-buffer)$/;

/** The source files behind a package's exports, without those that are for Node only. */
export function browserEntries({ folder, manifest }: Room): { entry: string; file: string }[] {
  return Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
    const source = typeof target === "string" ? undefined : target["@memhp/source"];
    if (source === undefined) return [];
    const file = posix.join(folder, source);
    return isNodeOnly(file) ? [] : [{ entry: posix.join(manifest.name, subpath), file }];
  });
}

/** Bundles one entry for a browser, and loads the result where nothing of Node exists. */
export async function bundleForBrowser(root: string, entry: string, file: string): Promise<BrowserBundle> {
  const problems: string[] = [];
  const refuseNode: Plugin = {
    name: "refuse-node",
    resolveId(specifier, importer) {
      if (importer === undefined) return null;
      const from = relative(root, importer);
      if (isBuiltin(specifier)) problems.push(`${from} imports ${specifier}`);
      else if (polyfills.test(specifier)) problems.push(`${from} imports the polyfill ${specifier}`);
      else return null;
      return { id: specifier, external: true };
    },
  };
  try {
    const bundle = await rolldown({
      input: join(root, file),
      cwd: root,
      platform: "browser",
      resolve: { conditionNames: ["@memhp/source", "browser", "import", "module", "default"] },
      plugins: [refuseNode],
      onLog: (_level, log) => {
        if (log.code === "UNRESOLVED_IMPORT") problems.push(log.message);
      },
    });
    const { output } = await bundle.generate({ format: "iife", name: "room", minify: true, codeSplitting: false });
    await bundle.close();
    const { code } = output[0];
    if (problems.length === 0) problems.push(...loadWithoutNode(code));
    return { entry, sizeBytes: code.length, gzipBytes: gzipSync(code).length, problems };
  } catch (error) {
    return { entry, sizeBytes: 0, gzipBytes: 0, problems: [...problems, String(error)] };
  }
}

// What both a page and a worker offer. No process, Buffer, global, require, setImmediate.
export const browserGlobals: readonly string[] = [
  ..."AbortController AbortSignal Blob BroadcastChannel CompressionStream DOMException DecompressionStream Response Event EventTarget MessageChannel MessagePort".split(
    " ",
  ),
  ..."ReadableStream TextDecoder TextEncoder TransformStream URL URLSearchParams WebSocket WritableStream atob btoa".split(
    " ",
  ),
  ..."clearInterval clearTimeout console crypto fetch performance queueMicrotask setInterval setTimeout structuredClone".split(
    " ",
  ),
];

function loadWithoutNode(code: string): string[] {
  const globals: Record<string, unknown> = Object.fromEntries(
    browserGlobals.map((name) => [name, (globalThis as Record<string, unknown>)[name]]),
  );
  // A worker entry listens and posts on its global scope.
  Object.assign(globals, { addEventListener() {}, removeEventListener() {}, postMessage() {} });
  const context = createContext(globals);
  Object.assign(globals, { self: context });
  try {
    new Script(code, { filename: "bundle.js" }).runInContext(context, { timeout: 10_000 });
    return [];
  } catch (error) {
    return [`does not load without Node: ${String(error)}`];
  }
}
