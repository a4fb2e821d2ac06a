import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleProgram, runInBrowserRealm } from "./bundle-program.ts";
import { NODES, type Project } from "./workspace-of-strangers.ts";

const LIMIT_MS = 60_000;
/** Both processors, and no more: each program has threads of its own. */
const AT_ONCE = 2;

export interface Outcome {
  readonly project: string;
  readonly program: string;
  /** `node-20`, `bundle for node`, `bundle for a browser`. */
  readonly where: string;
  readonly problem?: string;
}

/** Runs every program of every project on every Node, and, where nothing of Node is needed, bundled for a browser. */
export async function runPrograms(root: string, projects: readonly Project[]): Promise<Outcome[]> {
  const jobs = projects.flatMap(({ name, folder, programs }) =>
    programs.flatMap((program) => {
      const file = join(folder, `${program.name}.js`);
      const job = (where: string, run: () => Promise<string>) => async (): Promise<Outcome> => {
        const at = { project: name, program: program.name, where };
        try {
          const printed = await run();
          return printed === program.prints
            ? at
            : { ...at, problem: `prints\n${printed}instead of\n${program.prints}` };
        } catch (error) {
          return { ...at, problem: error instanceof Error ? error.message : String(error) };
        }
      };
      const node = (version: string): string => join(root, `tools/node_modules/${version}/bin/node`);
      return [
        ...Object.keys(NODES).map((version) => job(version, async () => runNode(node(version), file, folder))),
        program.needsNode
          ? job("bundle for node", async () => {
              const bundle = await bundleProgram(file, "node");
              return runNode(node("node-20"), bundle.entry, bundle.folder, bundle.env);
            })
          : job("bundle for a browser", async () =>
              runInBrowserRealm(readFileSync((await bundleProgram(file, "browser")).entry, "utf8")),
            ),
      ];
    }),
  );
  const outcomes: Outcome[] = [];
  const waiting = [...jobs];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) outcomes.push(await job());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcomes;
}

async function runNode(
  node: string,
  file: string,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(node, [file], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", FORCE_COLOR: undefined, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
  });
  let printed = "";
  let complaints = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const ending = await new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.on("error", reject).on("close", (code, signal) => resolve(code ?? signal ?? "SIGKILL"));
  });
  if (ending !== 0) throw new Error(`ended with ${ending}\n${printed}${complaints}`);
  return printed;
}
