import { knownOptions } from "@memhp/abi";
import { diagramModel, type DiagramEdge, type DiagramModel, type DiagramState } from "./diagram-model.ts";
import { behaviourLines, shownName } from "./behaviour.ts";
import { activeIds, type Current, innermostIds } from "./current.ts";
import { edgeLabel } from "./edge-label.ts";
import { shorten } from "./shorten.ts";
import type { Statechart } from "./statechart.ts";

/** What of a statechart is written out. */
export interface MermaidOptions {
  /** Whether descriptions become notes; they do unless told otherwise. */
  readonly notes?: boolean;
  /** Whether actions and invoked actors are shown; they are unless told otherwise. */
  readonly actions?: boolean;
  /** The states that the machine is in: they are marked. */
  readonly current?: Current;
}

const NOTE_LENGTH = 60;

const OPTIONS: Readonly<Record<keyof MermaidOptions, true>> = { notes: true, actions: true, current: true };

/**
 * A statechart as a Mermaid `stateDiagram-v2`. The same machine gives the same text.
 * @throws RangeError where `current` names no state of the machine.
 */
export function toMermaid(machine: Statechart, options: MermaidOptions = {}): string {
  knownOptions("toMermaid: options", options, OPTIONS);
  const model = diagramModel(machine);
  const writer = new MermaidWriter(model, options);
  const described = model.description === "" ? [] : [`    accDescr: ${oneLine(model.description)}`];
  return ["stateDiagram-v2", `    accTitle: ${oneLine(model.id)}`, ...described, ...writer.lines(), ""].join("\n");
}

class MermaidWriter {
  private readonly model: DiagramModel;
  private readonly notes: boolean;
  private readonly actions: boolean;
  private readonly current: ReadonlySet<string>;
  private readonly names: ReadonlyMap<string, string>;
  private readonly framed: boolean;

  constructor(model: DiagramModel, { notes = true, actions = true, current }: MermaidOptions) {
    this.model = model;
    this.notes = notes;
    this.actions = actions;
    this.current = innermostIds(model, activeIds(model, current));
    this.names = mermaidNames(model);
    // The root is a box of its own only where something is said of it.
    this.framed =
      model.kind === "parallel" ||
      (this.actions && behaviourLines(model).length > 0) ||
      model.edges.some(({ source, target }) => source === model.id || target === model.id);
  }

  lines(): string[] {
    const { model } = this;
    const inner = this.children(undefined, model.kind, this.framed ? "        " : "    ");
    const states = this.framed
      ? [
          "    [*] --> ".concat(this.name(model.id)),
          `    state "${escape(model.id)}" as ${this.name(model.id)} {`,
          ...inner,
          "    }",
        ]
      : inner;
    // Transitions come after all states: Mermaid puts a state where it meets it first.
    const marked = [...this.current].map((id) => `    class ${this.name(id)} current`);
    return [
      ...states,
      ...model.edges.map((edge) => this.transition(edge)),
      ...(marked.length === 0 ? [] : ["    classDef current stroke-width:3px,font-weight:bold", ...marked]),
    ];
  }

  private children(parent: string | undefined, kind: DiagramState["kind"], indent: string): string[] {
    const states = this.model.states.filter((state) => state.parent === parent);
    const blocks = states.map((state) => this.state(state, indent));
    if (kind === "parallel") return blocks.flatMap((block, i) => (i === 0 ? block : [`${indent}--`, ...block]));
    const initial = states.filter((state) => state.initial).map(({ id }) => `${indent}[*] --> ${this.name(id)}`);
    const final = states.filter((state) => state.kind === "final").map(({ id }) => `${indent}${this.name(id)} --> [*]`);
    return [...blocks.flat(), ...initial, ...final];
  }

  private state(state: DiagramState, indent: string): string[] {
    const declared = `${indent}state "${escape(shownName(state))}" as ${this.name(state.id)}`;
    const nested = state.kind === "compound" || state.kind === "parallel";
    const body = nested
      ? [`${declared} {`, ...this.children(state.id, state.kind, `${indent}    `), `${indent}}`]
      : [declared];
    const described = this.notes && state.description !== "";
    const lines = [
      ...(described ? [shorten(oneLine(state.description), NOTE_LENGTH)] : []),
      ...(this.actions ? behaviourLines(state) : []),
    ].map((line) => `${indent}    ${escapeNote(line)}`);
    if (lines.length === 0) return body;
    return [...body, `${indent}note right of ${this.name(state.id)}`, ...lines, `${indent}end note`];
  }

  private transition(edge: DiagramEdge): string {
    return `    ${this.name(edge.source)} --> ${this.name(edge.target)} : ${escape(edgeLabel(edge, this.actions))}`;
  }

  private name(id: string): string {
    return this.names.get(id) as string;
  }
}

/** Names of letters, digits and `_`, unique, and none of Mermaid's own: `[*]` in `x` is `x_start` or `x_end` to it. */
function mermaidNames({ id, states }: DiagramModel): Map<string, string> {
  const names = new Map<string, string>();
  const used = new Set(["state", "note", "end", "direction", "class", "classDef", "click", "style", "default", "root"]);
  for (const [key, wish] of [[id, id] as const, ...states.map((state) => [state.id, state.path] as const)]) {
    const base = wish.replaceAll(/\W/g, "_").replace(/_(start|end)$/, "_$1_");
    let name = base;
    for (let i = 2; used.has(name); i++) name = `${base}_${i}`;
    used.add(name);
    names.set(key, name);
  }
  return names;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** A note of several lines takes all signs but markup, comments and its own end. */
function escapeNote(text: string): string {
  return text.replaceAll(/[#<>]|%(?=%)/g, entity).replaceAll(/end note/gi, "end#32;note");
}

/** Mermaid ends a label at some of its own signs, and reads `<` as markup. */
function escape(text: string): string {
  return text.replaceAll(/["#%:;<>{}]/g, entity);
}

function entity(sign: string): string {
  return `#${sign.charCodeAt(0)};`;
}
