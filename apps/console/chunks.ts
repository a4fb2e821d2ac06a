import { build, type InlineConfig, type Rolldown } from "vite";

/** Where code starts to be needed: module ids by names for chunks. */
export interface Starts {
  /** Asks for a page and its worker, where something does: it waits for nothing else. */
  readonly start: string;
  readonly pages: Readonly<Record<string, string>>;
  /** The worker that a first visit starts. */
  readonly worker: readonly [name: string, id: string];
  /** What comes into the worker behind the first picture: it has a chunk for what the worker does without. */
  readonly behind: readonly [name: string, id: string];
}

/** A page, and the script that it or a worker runs: what asks for something else in a chunk must not run them again. */
const runsItself = /\.html$|\/(?:main|begin-page|host-worker)\.tsx?$/;

/**
 * Names of chunks by module: one for all that the same pages and workers need from their start. The bundler by itself makes a chunk for every
 * set of lazy parts that share a module, and text compresses the worse the more pieces it comes in: a first visit paid a twentieth for
 * that. Who needs what is only known when code that nobody uses has gone, so a build without chunks of its own is asked.
 */
export async function chunksFor(
  config: InlineConfig,
  { start, pages, worker, behind }: Starts,
): Promise<ReadonlyMap<string, string>> {
  const { output } = (await build({
    ...config,
    configFile: false,
    logLevel: "error",
    build: { ...config.build, write: false, minify: false, cssMinify: false },
  })) as Rolldown.RolldownOutput;
  const chunks = output.filter((each) => each.type === "chunk");
  const first = Object.entries({ ...pages, [worker[0]]: worker[1] }).map(
    ([name, root]) => [name, modulesFrom(root, chunks)] as const,
  );
  const byHand = modulesFrom(behind[1], chunks);
  const named = new Map<string, string>();
  const atStart = chunks.some(({ facadeModuleId }) => facadeModuleId === start)
    ? modulesFrom(start, chunks)
    : new Set<string>();
  for (const id of new Set([...first.flatMap(([, ids]) => [...ids]), ...byHand])) {
    if (runsItself.test(id)) continue;
    if (atStart.has(id)) {
      named.set(id, "start");
      continue;
    }
    const users = first.flatMap(([name, ids]) => (ids.has(id) ? [name] : []));
    named.set(id, users.join("-") || behind[0]);
  }
  return named;
}

/** All modules that one needs before it can run. */
function modulesFrom(root: string, chunks: readonly Rolldown.OutputChunk[]): ReadonlySet<string> {
  const start = chunks.find(({ facadeModuleId }) => facadeModuleId === root);
  if (start === undefined) throw new Error(`no chunk of the build begins at ${root}`);
  const needed = new Set([start]);
  for (const { imports } of needed) for (const chunk of chunks) if (imports.includes(chunk.fileName)) needed.add(chunk);
  return new Set([...needed].flatMap(({ modules }) => Object.keys(modules)));
}
