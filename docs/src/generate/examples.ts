import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fenced, type Page } from "./markdown.ts";
import { root } from "./root.ts";

const languages: Readonly<Record<string, string>> = { ts: "ts", tsx: "tsx", html: "html", yaml: "yaml" };

/** Everything below `examples/`, with the command that runs it. */
export function examplesPage(): Page {
  const projects = globSync("examples/*/package.json", { cwd: root }).toSorted().map(project);
  const reports = globSync("examples/reports/*.yaml", { cwd: root }).toSorted().map(report);
  const packages = globSync("examples/packages/*.ts", { cwd: root })
    .toSorted()
    .map((file) => `### ${basename(file, ".ts")}\n\n${fenced("ts", readFileSync(join(root, file), "utf8"))}`);
  return {
    path: "examples",
    markdown: `# Examples\n\nAll of them are in \`examples/\`, and run there with \`npm install && npm start\`.\n\n${projects.join("\n")}\n## Reported situations\n\nWhat people who do this job have asked in public, retold with machines of our own: \`memhp run FILE\`.\n\n${reports.join("\n")}\n## One package alone, each\n\nThese run on every Node that is supported, and in a browser, against the packed packages.\n\n${packages.join("\n")}`,
  };
}

function project(manifest: string): string {
  const { description } = JSON.parse(readFileSync(join(root, manifest), "utf8")) as { description: string };
  const folder = manifest.replace("/package.json", "");
  const files = globSync(`${folder}/*.{ts,tsx,html}`, { cwd: root }).toSorted();
  const texts = files.map(
    (file) =>
      `\`${file}\`\n\n${fenced(languages[file.split(".").at(-1) ?? ""] ?? "text", readFileSync(join(root, file), "utf8"))}`,
  );
  return `## ${description}\n\n${texts.join("\n")}`;
}

function report(file: string): string {
  const text = readFileSync(join(root, file), "utf8");
  const name = /^name: (.*)$/m.exec(text)?.[1] ?? file;
  return `### ${name}\n\n\`memhp run ${file}\`\n\n${fenced("yaml", text)}`;
}
