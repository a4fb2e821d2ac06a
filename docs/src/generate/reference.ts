// Operations, commands, files and events, from the registries that the programs themselves read.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { kernels } from "@memhp/kernels";
import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { operations } from "@memhp/scenario";
import { stringify } from "yaml";
import { fenced, type Page, shown, table } from "./markdown.ts";
import { commandHelps } from "./command-helps.ts";
import { root } from "./root.ts";

interface Schema {
  readonly description?: string;
  readonly title?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

export function operationsPage(): Page {
  const parts = operations.map(({ op, about, operands, example }) => {
    const { properties = {}, required = [] } = operands as unknown as Schema;
    const rows = Object.entries(properties)
      .filter(([name]) => name !== "op")
      .map(([name, schema]) => [
        `\`${name}\``,
        shown(typeOf(schema)),
        required.includes(name) ? "yes" : "",
        shown(wordsOf(schema)),
      ]);
    const operandTable = rows.length === 0 ? "No operands.\n" : table(["operand", "is", "needed", ""], rows);
    return `## ${op}\n\n${shown(about)}\n\n${operandTable}\n${fenced("yaml", `- ${flow(example)}`)}`;
  });
  return {
    path: "reference/operations",
    markdown: `# Operations\n\nWhat a step of a scenario may do (\`op\`). Every step may have \`expect\`, \`label\` and \`wait\` besides.\n\n${parts.join("\n")}`,
  };
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
}

function typeOf(schema: Schema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  return schema.type ?? "anything";
}

function wordsOf({ description = "", default: otherwise }: Schema): string {
  return otherwise === undefined ? description : `${description} (\`${JSON.stringify(otherwise)}\` unless told)`.trim();
}

export async function commandsPage(): Promise<Page> {
  const helps = await commandHelps();
  const parts = helps.map(({ name, help }) => `## memhp ${name}\n\n${fenced("text", help)}`);
  return {
    path: "reference/commands",
    markdown: `# Commands\n\nData goes to stdout; progress, warnings and errors to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, 64 partly done, 130 interrupted.\n\n${parts.join("\n")}`,
  };
}

export async function filesPage(): Promise<Page> {
  const found = new Map<string, { readonly kernels: Set<string>; readonly mode: string }>();
  for (const { id: kernel } of kernels) {
    const machine = await bootMachine(parseMachineSpec({ memory: "2G", slots: 2, maxmem: "4G", smp: 1, nodes: [] }), {
      kernel,
    });
    for (const entry of machine.files.walk("/")) {
      if (entry.kind !== "file") continue;
      const path = entry.path
        .replace(/memory\d+\//, "memoryN/")
        .replace(/node\d+\//, "nodeN/")
        .replace(/cpu\d+\//, "cpuN/")
        .replace(/memmap\/\d+\//, "memmap/N/")
        .replace(/(PNP\w+|ACPI\w+|LNX\w+):[0-9a-f]+/g, "$1:NN");
      const known = found.get(path) ?? { kernels: new Set<string>(), mode: entry.mode.toString(8).padStart(3, "0") };
      known.kernels.add(kernel);
      found.set(path, known);
    }
    await machine.close();
  }
  const rows = [...found].map(([path, { kernels: those, mode }]) => [
    `\`${path}\``,
    mode,
    those.size === kernels.length ? "all" : [...those].join(", "),
  ]);
  const intro = `Files of a machine with DIMM slots, as programs see them: \`memhp mount\`, \`memhp shell\`, \`machine.files\`. N stands for a number.`;
  return { path: "reference/files", markdown: `# Files\n\n${intro}\n\n${table(["file", "mode", "kernels"], rows)}` };
}

/** Members of a union of objects with a `type`, and the comment before each. */
export function eventsPage(): Page {
  const source = readFileSync(join(root, "packages/abi/src/event.ts"), "utf8");
  const [, union = ""] = /export type EventBody =\n(.*?)};\n/s.exec(source) ?? [];
  const rows: string[][] = [];
  let comment = "";
  for (const part of union.split(/(?=^ {2}\/\*\*)|(?=^ {2}\|)/gm)) {
    if (part.trimStart().startsWith("/**"))
      comment = part
        .replaceAll(/^\s*(\/\*\*|\*\/|\*)|\*\/\s*$/gm, "")
        .replaceAll(/\s+/g, " ")
        .trim();
    const [, name] = /readonly type: "(\w+)"/.exec(part) ?? [];
    if (name === undefined) continue;
    const fields = [...part.matchAll(/readonly (\w+)\??:/g)]
      .map(([, field = ""]) => field)
      .filter((field) => field !== "type");
    rows.push([`\`${name}\``, fields.map((field) => `\`${field}\``).join(" "), shown(comment)]);
    comment = "";
  }
  const intro =
    "Everything that happens is one ordered stream: `machine.listen`, `memhp run --jsonl FILE`. Each event has `atNs` (simulated nanoseconds), `node` where it happened on one, and `seq`.";
  return { path: "reference/events", markdown: `# Events\n\n${intro}\n\n${table(["type", "fields", "when"], rows)}` };
}

/** The studies: what each asked, what came out, and what would change it. */
export function studiesPages(): Page[] {
  return globSync("packages/sweep/studies/*.md", { cwd: root })
    .toSorted()
    .map((file) => {
      const name = file.split("/").at(-1)?.replace(/\.md$/, "") ?? "";
      const text = shown(readFileSync(join(root, file), "utf8"));
      // Pictures and files of the folder are not pages.
      const markdown = text.replaceAll(/!?\[([^\]]*)\]\((?!https?:|#)([^)]*\.(?!md\b)\w+)\)/g, "$1");
      return { path: `studies/${name === "README" ? "index" : name}`, markdown };
    });
}

/** Every rule of a kernel that names its fact or its run: the function, what it decides, where that is written. */
export function rulesPage(): Page {
  const rooms = ["engine", "hotplug", "acpi", "notifier", "sysfs", "machine", "platforms", "devices", "kernels"];
  const parts = rooms.map((room) => {
    const rows = globSync(`packages/${room}/src/**/*.ts`, { cwd: root, exclude: (name) => name.endsWith(".test.ts") })
      .toSorted()
      .flatMap((file) =>
        rulesOf(readFileSync(join(root, file), "utf8")).map(({ name, says }) => [
          `\`${name}\``,
          factLinks(shown(says)),
          `\`${file.replace(`packages/${room}/src/`, "")}\``,
        ]),
      );
    return `## ${room}\n\n${table(["rule", "decides", "in"], rows)}`;
  });
  const intro =
    "Rules are small functions, and fields of a kernel's value, whose comments name the fact, the observation, or the recorded run (in brackets: `6.1: x_going_offline`) that shows them. The runs are in `tools/conformance/kernel-traces`; `memhp replay FILE` compares one.";
  return { path: "reference/rules", markdown: `# Rules of the kernel\n\n${intro}\n\n${parts.join("\n")}` };
}

const NAMED = /§|observed-|\b(4\.1|6\.1|6\.12|7\.\d)(-\w+)?: [a-z]\w*[-_]\w+/;

function rulesOf(source: string): { readonly name: string; readonly says: string }[] {
  return [
    ...source.matchAll(/^[ ]*\/\*\*(.*?)\*\/\n[ ]*(?:export )?(?:async )?(?:function\*? |const |readonly )?(\w+)/gms),
  ].flatMap(([, comment = "", name = ""]) => {
    const says = comment
      .replaceAll(/^\s*\*/gm, "")
      .replaceAll(/\s+/g, " ")
      .trim();
    return NAMED.test(says) && !says.startsWith("@") ? [{ name, says }] : [];
  });
}

/** `facts §4.3` and `observed-6 §9` as links to the page and section. */
export function factLinks(text: string): string {
  return text
    .replaceAll(
      /(observed-(?:4\.1|6|newer)) §(\d+)/g,
      (all, page: string, section: string) => `[${all}](/facts/${page}#s${section})`,
    )
    .replaceAll(
      /(facts(?:\/kernel\.md)?) §(\d+(?:\.\d+)?)/g,
      (all, _page: string, section: string) => `[${all}](/facts/kernel#s${section.replace(".", "-")})`,
    );
}

/** The facts, with an anchor for each section that rules name. */
export function factPages(): Page[] {
  return globSync("tools/conformance/facts/*.md", { cwd: root })
    .filter((file) => !file.endsWith("peer-programs.md"))
    .toSorted()
    .map((file) => {
      const text = shown(readFileSync(join(root, file), "utf8")).replaceAll(
        /^(#+) (\d+(?:\.\d+)?)\.? (.*)$/gm,
        (_all, marks: string, section: string, title: string) =>
          `${marks} ${section} ${title} {#s${section.replace(".", "-")}}`,
      );
      return { path: `facts/${file.split("/").at(-1)?.replace(/\.md$/, "") ?? ""}`, markdown: text };
    });
}
