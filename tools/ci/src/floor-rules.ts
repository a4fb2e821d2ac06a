import { existsSync, globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, posix } from "node:path";
import { isNodeOnly } from "./floors.ts";
import { parseImports, type Import } from "./imports.ts";
import { readRooms, type Manifest, type Room } from "./workspace.ts";

export interface Violation {
  /** `folder/file.ts:line`, or a manifest. */
  readonly where: string;
  readonly rule: "floor" | "undeclared" | "outside" | "node" | "cycle" | "unknown-room" | "missing" | "syntax";
  readonly message: string;
}

/** Checks every source and test file under packages/ and apps/ against the floors. */
export function checkFloors(root: string, floors: Readonly<Record<string, number>>): Violation[] {
  const rooms = readRooms(root);
  const names = new Set([...readRooms(root, ["tools"]), ...rooms].map((room) => room.manifest.name));
  return rooms.flatMap((room) => {
    const floor = floors[room.manifest.name];
    if (floor === undefined) {
      const message = `${room.manifest.name} has no floor in tools/ci/src/floors.ts`;
      return [{ where: `${room.folder}/package.json`, rule: "unknown-room" as const, message }];
    }
    return [...checkManifest(room, floor, floors, names), ...checkRoom(root, room, floor, floors, names)];
  });
}

function checkManifest(
  room: Room,
  floor: number,
  floors: Readonly<Record<string, number>>,
  names: ReadonlySet<string>,
) {
  return Object.keys(shipped(room.manifest))
    .filter((name) => names.has(name) && !((floors[name] ?? Infinity) < floor))
    .map((name): Violation => {
      const message = `${room.manifest.name} (floor ${floor}) depends on ${name} (${floorName(floors[name])})`;
      return { where: `${room.folder}/package.json`, rule: "floor", message };
    });
}

function checkRoom(
  root: string,
  room: Room,
  floor: number,
  floors: Readonly<Record<string, number>>,
  names: ReadonlySet<string>,
): Violation[] {
  const violations: Violation[] = [];
  const edges = new Map<string, string[]>();

  for (const file of globSync(`${room.folder}/{src,test}/**/*.{ts,tsx,mts}`, { cwd: root }).toSorted()) {
    const isTest = file.startsWith(`${room.folder}/test/`) || /\.test\.tsx?$/.test(file);
    const declared = isTest ? { ...shipped(room.manifest), ...room.manifest.devDependencies } : shipped(room.manifest);
    edges.set(file, []);

    const imports = parseImports(file, readFileSync(join(root, file), "utf8"));
    if ("syntaxError" in imports) {
      violations.push({ where: file, rule: "syntax", message: imports.syntaxError });
      continue;
    }
    for (const found of imports) {
      const { specifier } = found;
      const fail = (rule: Violation["rule"], message: string) =>
        violations.push({ where: `${file}:${found.line}`, rule, message });

      if (isRelative(found)) {
        const target = posix.join(posix.dirname(file), specifier);
        // Tests may borrow from tools/, which has no floor and is not published.
        const isInside = target.startsWith(`${room.folder}/`) || (isTest && target.startsWith("tools/"));
        if (!isInside) fail("outside", `${specifier} leaves ${room.folder}`);
        else if (!existsSync(join(root, target))) fail("missing", `${specifier} does not exist`);
        else {
          if (found.when === "load") edges.get(file)?.push(target);
          if (!isTest && isNodeOnly(target) && !isNodeOnly(file))
            fail("node", `${specifier} runs in Node only; this file must also run in a browser`);
        }
      } else if (isBuiltin(specifier)) {
        if (!isTest && !isNodeOnly(file)) fail("node", `${specifier} in a file that must also run in a browser`);
      } else {
        const name = packageName(specifier);
        if (!names.has(name) || name === room.manifest.name) continue;
        const target = floors[name];
        if (!((target ?? Infinity) < floor) && !(isTest && target === undefined))
          fail("floor", `floor ${floor} imports ${specifier} (${floorName(target)})`);
        if (!(name in declared)) fail("undeclared", `${name} is not in the dependencies of ${room.manifest.name}`);
      }
    }
  }
  return [...violations, ...findCycles(edges)];
}

/** `new URL("x", import.meta.url)` needs no dot to be relative; every other specifier does. */
function isRelative({ specifier }: Import): boolean {
  return specifier.startsWith("./") || specifier.startsWith("../");
}

function shipped(manifest: Manifest): Readonly<Record<string, string>> {
  const installed = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
  return isBundle(manifest) ? { ...manifest.devDependencies, ...installed } : installed;
}

function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function floorName(floor: number | undefined): string {
  return floor === undefined ? "no floor" : `floor ${floor}`;
}

/** One violation per import that closes a cycle, each cycle found once, by depth-first search. */
function findCycles(edges: ReadonlyMap<string, readonly string[]>): Violation[] {
  const violations: Violation[] = [];
  const done = new Set<string>();
  const path: string[] = [];

  const visit = (file: string): void => {
    if (done.has(file)) return;
    const at = path.indexOf(file);
    if (at >= 0) {
      const cycle = [...path.slice(at), file].map((f) => posix.relative(dirname(path[at] ?? file), f));
      violations.push({ where: path.at(-1) ?? file, rule: "cycle", message: cycle.join(" -> ") });
      return;
    }
    path.push(file);
    for (const target of edges.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return violations;
}

/** A built page, which nobody imports from: what it is made of is in it. */
function isBundle({ bin, exports = {} }: Manifest): boolean {
  return bin === undefined && Object.keys(exports).join() === "./package.json";
}
