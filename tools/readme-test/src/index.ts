import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Example, findExamples } from "./examples.ts";
import { runTypeScript } from "./run.ts";

export interface ReadmeExample {
  readonly printed: string;
  readonly expected: string;
}

/**
 * Runs each `ts` block of a package's README.md, as if it were a file of that package, and
 * returns what it printed beside the `text` block that follows it. Blocks of any other kind are
 * only read by people.
 * @throws Error if there is no example, or one of them fails.
 */
export async function readmeExample(packageDir: string): Promise<ReadmeExample[]> {
  const file = join(packageDir, "README.md");
  const examples = findExamples(await readFile(file, "utf8"));
  if (examples.length === 0) throw new Error(`${file} has no \`\`\`ts block`);
  const results: ReadmeExample[] = [];
  for (const { code, expected, line } of examples) {
    try {
      results.push({ printed: await runTypeScript(code, packageDir), expected });
    } catch (cause) {
      throw new Error(
        `the example at ${file}:${line} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
  }
  return results;
}
export { type Example, findExamples };
