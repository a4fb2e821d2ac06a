import fc from "fast-check";
import type { RandomMachine } from "../random-machine.ts";

export type RandomStep = Readonly<Record<string, unknown>> & { readonly op: string };

/** What steps before have named, and what is there from boot. */
export class Named {
  readonly nodes: number;
  readonly dimms: string[];
  readonly containers: readonly string[];
  readonly dax: readonly string[];
  readonly loads: string[] = [];
  readonly writers: string[] = [];
  readonly agents: string[] = [];
  #count = 0;

  constructor({ nodes, dimms, containers, dax }: RandomMachine) {
    this.nodes = nodes;
    this.dimms = [...dimms];
    this.containers = containers;
    this.dax = dax;
  }

  /** A new name among those of its kind. */
  add(kind: "dimms" | "loads" | "writers" | "agents"): string {
    const name = `${kind.slice(0, 1)}${this.#count++}`;
    this[kind].push(name);
    return name;
  }

  /** One of a list, or a name that nobody has. */
  of(list: readonly string[], pick: number): string {
    return list.length === 0 ? "none" : (list[pick % list.length] as string);
  }
}

/** A step, once it is known what the steps before have named. */
export type Draft = (named: Named) => RandomStep;

/** How often steps of an operation are drawn, and how. */
export interface Maker {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Draft>;
}
export type Makers = Readonly<Record<string, Maker>>;

/** A choice among as many as there are by then. */
export const pick: fc.Arbitrary<number> = fc.nat(255);
export const node: fc.Arbitrary<(named: Named) => number> = pick.map((drawn) => (named) => drawn % named.nodes);

export function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 2 });
}

/** Operands, where they were drawn. */
export function given(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A block by its number, or by what brought it. */
export const block: fc.Arbitrary<(named: Named) => string> = fc
  .record({ byNumber: fc.nat(2), number: fc.nat(9), dimm: pick, place: fc.constantFrom("first", "last", "1") })
  .map(
    ({ byNumber, number, dimm, place }) =>
      (named: Named) =>
        byNumber === 0 || named.dimms.length === 0 ? String(number) : `\${${named.of(named.dimms, dimm)}.${place}}`,
  );

export const blocks: fc.Arbitrary<(named: Named) => string> = fc
  .record({
    word: fc.constantFrom("all", "online", "offline", "movable", "normal", "node", "dimm", "dax", "container", "list"),
    narrowed: maybe(fc.constantFrom("online", "offline", "movable", "normal")),
    pick,
  })
  .map(({ word, narrowed, pick }) => (named: Named) => {
    const chosen = {
      node: () => `node:${pick % named.nodes}`,
      dimm: () => `dimm:${named.of(named.dimms, pick)}`,
      dax: () => `dax:${named.of(named.dax, pick)}`,
      container: () => `container:${named.of(named.containers, pick)}`,
      list: () => `${pick % 4}-${(pick % 4) + (pick % 3)}`,
    }[word as "node"];
    const first = chosen === undefined ? word : chosen();
    return narrowed === undefined ? first : `${first}&${narrowed}`;
  });
