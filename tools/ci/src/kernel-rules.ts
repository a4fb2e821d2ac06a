import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor } from "rolldown/utils";

/** A place where a room asks which kernel it is, instead of what that kernel does. */
export interface KernelQuestion {
  /** `folder/file.ts:line`. */
  readonly where: string;
  readonly what: string;
}

/** Where kernels have names: their own folders, benchmarks and this check. */
const NAMED = ["packages/kernels/src/", "tools/bench/", "tools/ci/"];

/** `4.1`, `6.x`, `4.1-nomn`, and beginnings that somebody might compare with: `6.`. No kernel is `2.0.1`. */
const VERSION = /^[2-9]\.(?:(?:\d+|x)(?:\.[1-9]\d*)?(?:-[a-z0-9]+)?)?$/;

/** Checks every source file of packages, apps and tools. */
export function findKernelQuestions(root: string): KernelQuestion[] {
  return globSync("{packages,apps,tools}/*/src/**/*.{ts,tsx,mts}", { cwd: root })
    .toSorted()
    .filter((file) => !NAMED.some((folder) => file.startsWith(folder)) && !/\.test\.tsx?$/.test(file))
    .flatMap((file) => questionsOf(file, readFileSync(join(root, file), "utf8")));
}

interface Node {
  readonly type: string;
  readonly start: number;
}

function questionsOf(file: string, code: string): KernelQuestion[] {
  const found: { readonly start: number; readonly what: string }[] = [];
  const add = ({ start }: Node, what: string): void => void found.push({ start, what });
  const { program } = parseSync(file, code);
  new Visitor({
    Literal(node) {
      if (typeof node.value === "string" && VERSION.test(node.value))
        add(node, `${JSON.stringify(node.value)} names a kernel`);
    },
    TemplateElement(node) {
      if (VERSION.test(node.value.raw)) add(node, `\`${node.value.raw}\` names a kernel`);
    },
    MemberExpression(node) {
      if (isNamed(node.property, "generation")) add(node, "`generation` is read");
    },
    BinaryExpression(node) {
      for (const side of [node.left, node.right]) if (isKernelId(side)) add(node, "the id of a kernel is compared");
    },
    SwitchStatement(node) {
      if (isKernelId(node.discriminant)) add(node, "the id of a kernel is compared");
    },
  }).visit(program);
  return found
    .toSorted((a, b) => a.start - b.start)
    .map(({ start, what }) => ({ where: `${file}:${code.slice(0, start).split("\n").length}`, what }));
}

/** `kernel.id`, `machine.kernel.id`. */
function isKernelId(node: Node): boolean {
  if (node.type !== "MemberExpression") return false;
  const { object, property } = node as Node & { readonly object: Node; readonly property: Node };
  if (!isNamed(property, "id")) return false;
  const owner = object.type === "MemberExpression" ? (object as Node & { readonly property: Node }).property : object;
  return isNamed(owner, "kernel");
}

function isNamed(node: Node, name: string): boolean {
  return (node as { readonly name?: unknown }).name === name;
}
