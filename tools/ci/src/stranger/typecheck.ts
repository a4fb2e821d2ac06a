import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Project, TYPESCRIPTS } from "./workspace-of-strangers.ts";

const RESOLUTIONS = ["nodenext", "bundler"] as const;

/**
 * Checks all programs with each TypeScript and each way to resolve, declarations of the packages included. Programs that a browser runs too
 * see no types of Node. Their JavaScript, of the newest TypeScript, lies beside them afterwards.
 * @returns what TypeScript complained about.
 */
export function typecheck(root: string, projects: readonly Project[]): string[] {
  const problems: string[] = [];
  for (const needsNode of [false, true]) {
    const files = projects.flatMap(({ name, programs }) =>
      programs.filter((program) => program.needsNode === needsNode).map((program) => `./${name}/${program.name}.ts`),
    );
    if (files.length === 0) continue;
    // Types of Node are found from the root of the workspace, where no project is, unless told where.
    const typeRoots = projects
      .filter(({ programs }) => programs.some((program) => program.needsNode))
      .slice(0, 1)
      .map(({ name }) => `./${name}/node_modules/@types`);
    for (const typescript of Object.keys(TYPESCRIPTS)) {
      for (const resolution of RESOLUTIONS) {
        const emits = typescript === "typescript-new" && resolution === "nodenext";
        const config = `tsconfig.${typescript}.${resolution}.${needsNode ? "node" : "pure"}.json`;
        writeFileSync(
          join(root, config),
          JSON.stringify({
            compilerOptions: {
              target: "es2022",
              module: resolution === "nodenext" ? "nodenext" : "esnext",
              moduleResolution: resolution,
              lib: ["es2023", "dom", "dom.iterable"],
              strict: true,
              skipLibCheck: false,
              noEmit: !emits,
              ...(emits ? { rootDir: ".", outDir: "." } : {}),
              ...(needsNode ? { typeRoots, types: ["node"] } : { types: [] }),
            },
            files,
          }),
        );
        const { status, stdout, stderr } = spawnSync(
          join(root, "tools/node_modules/node-24/bin/node"),
          [join(root, `tools/node_modules/${typescript}/bin/tsc`), "-p", config],
          { cwd: root, encoding: "utf8" },
        );
        if (status !== 0) problems.push(`${typescript} ${resolution}: ${stdout}${stderr}`.trim());
      }
    }
  }
  return problems;
}
