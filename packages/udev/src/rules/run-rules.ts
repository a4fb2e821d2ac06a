import type { Errno, Refusal } from "@memhp/abi";
import type { Uevent } from "../uevent.ts";
import { ueventProperties } from "../uevent.ts";
import { matchesGlob } from "./glob.ts";
import { isWithoutEffect, labelBelow, type Rule, type RuleFile, type RuleToken } from "./parse.ts";
import { kernelName, substitute } from "./substitute.ts";
import type { UdevPort } from "./udev-port.ts";

/** An attribute that a rule wrote. */
export interface RuleWrite {
  /** File and line of the rule. */
  readonly rule: string;
  readonly path: string;
  readonly value: string;
  readonly errno: Errno | 0;
  /** Why, where the kernel refused. */
  readonly refusal?: Refusal;
}

/** What rules made of one uevent. */
export interface RulesOutcome {
  readonly writes: readonly RuleWrite[];
  /** Programs of RUN, to be started after the rules. */
  readonly programs: readonly string[];
  /** Variables, the event's own first. */
  readonly env: ReadonlyMap<string, string>;
  /** Keys that do nothing here, with their places. */
  readonly ignored: readonly string[];
}

/** Carries out rule files, in the order of their names, for one uevent. */
export async function runRules(files: readonly RuleFile[], event: Uevent, port: UdevPort): Promise<RulesOutcome> {
  const run = new RulesRun(event, port);
  for (const file of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) await run.file(file);
  return run.outcome();
}

class RulesRun {
  readonly #event: Uevent;
  readonly #port: UdevPort;
  readonly #env: Map<string, string>;
  readonly #writes: RuleWrite[] = [];
  readonly #ignored: string[] = [];
  #programs: string[] = [];
  #result = "";

  constructor(event: Uevent, port: UdevPort) {
    this.#event = event;
    this.#port = port;
    this.#env = new Map(ueventProperties(event));
  }

  outcome(): RulesOutcome {
    return { writes: this.#writes, programs: this.#programs, env: this.#env, ignored: this.#ignored };
  }

  async file({ name, rules }: RuleFile): Promise<void> {
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i] as Rule;
      const target = await this.#rule(rule, `${name}:${rule.line}`);
      // The rule that has the label is carried out too.
      if (target !== undefined) i = labelBelow(rules, i, target) - 1;
    }
  }

  /** @returns the label to go to. */
  async #rule({ tokens }: Rule, place: string): Promise<string | undefined> {
    if (!this.#parentsMatch(tokens.filter(({ key }) => key in ofParents))) return undefined;
    let target: string | undefined;
    // Keys are asked and carried out from left to right; matches come first in any sensible rule, and udev sorts them so.
    const [matches, assignments] = [tokens.filter(isMatch), tokens.filter((token) => !isMatch(token))];
    for (const token of matches) if (!(token.key in ofParents) && !this.#matches(token)) return undefined;
    for (const token of assignments) {
      if (token.key === "GOTO") target = token.value;
      else if (isWithoutEffect(token.key)) this.#ignored.push(`${place}: ${token.key}`);
      else await this.#assign(token, place);
    }
    return target;
  }

  /** All keys of parents are about one device: the event's own, or one above it. */
  #parentsMatch(tokens: readonly RuleToken[]): boolean {
    if (tokens.length === 0) return true;
    for (let path = this.#event.devpath; path !== ""; path = path.slice(0, path.lastIndexOf("/"))) {
      const isOwn = path === this.#event.devpath;
      if (!isOwn && !this.#port.exists(`/sys${path}/uevent`)) continue;
      const subsystem = isOwn ? this.#event.subsystem : "";
      if (
        tokens.every((token) =>
          compares(token, ofParents[token.key]?.(this.#port, path, subsystem, token) ?? undefined),
        )
      )
        return true;
    }
    return false;
  }

  #matches(token: RuleToken): boolean {
    const { key, attribute = "" } = token;
    const value = this.#substituted(token);
    switch (key) {
      case "ACTION":
        return compares(token, this.#event.action);
      case "DEVPATH":
        return compares(token, this.#event.devpath);
      case "KERNEL":
        return compares(token, kernelName(this.#event.devpath));
      case "SUBSYSTEM":
        return compares(token, this.#event.subsystem);
      case "ATTR":
        return compares(token, attributeOf(this.#port, this.#event.devpath, attribute, token));
      case "ENV":
        return compares(token, this.#env.get(attribute) ?? "");
      case "CONST":
        return compares(token, this.#port.constant(attribute));
      case "TEST":
        return this.#port.exists(absolute(this.#event.devpath, value)) === (token.operator === "==");
      case "RESULT":
        return compares(token, this.#result);
      case "PROGRAM":
        return this.#program(value) === (token.operator === "==");
      default:
        return this.#import(attribute, value) === (token.operator === "==");
    }
  }

  async #assign(token: RuleToken, place: string): Promise<void> {
    const { key, attribute = "", operator } = token;
    const value = this.#substituted(token);
    if (key === "ATTR") {
      const path = absolute(this.#event.devpath, attribute);
      const written = await this.#port.write(path, value);
      const write = { rule: place, path, value };
      this.#writes.push(
        written.ok ? { ...write, errno: 0 } : { ...write, errno: written.refusal.errno, refusal: written.refusal },
      );
    } else if (key === "ENV") {
      const before = operator === "+=" ? this.#env.get(attribute) : undefined;
      this.#env.set(attribute, before === undefined ? value : `${before} ${value}`);
    } else if (key === "RUN") {
      this.#programs = operator === "+=" ? [...this.#programs, value] : [value];
    } else if (key === "PROGRAM") {
      this.#program(value);
    } else if (key === "IMPORT") {
      this.#import(attribute, value);
    }
  }

  #program(command: string): boolean {
    const ran = this.#port.program(command);
    this.#result = ran?.stdout.trimEnd() ?? "";
    return ran?.status === 0;
  }

  /** @returns whether there was something. */
  #import(source: string, value: string): boolean {
    if (source === "cmdline") {
      const word = this.#port.commandLine
        .split(/\s+/)
        .findLast((each) => each === value || each.startsWith(`${value}=`));
      if (word === undefined) return false;
      this.#env.set(value, word === value ? "1" : word.slice(value.length + 1));
      return true;
    }
    const ran = this.#port.program(value);
    if (ran?.status !== 0) return false;
    for (const line of ran.stdout.split("\n")) {
      const [, name, text] = /^(\w+)=["']?(.*?)["']?$/.exec(line) ?? [];
      if (name !== undefined && text !== undefined) this.#env.set(name, text);
    }
    return true;
  }

  #substituted({ value }: RuleToken): string {
    return substitute(value, { event: this.#event, env: this.#env, result: this.#result, port: this.#port });
  }
}

type OfParent = (port: UdevPort, devpath: string, subsystem: string, token: RuleToken) => string | undefined;

const ofParents: Readonly<Record<string, OfParent>> = {
  KERNELS: (_port, devpath) => kernelName(devpath),
  SUBSYSTEMS: (_port, _devpath, subsystem) => subsystem,
  ATTRS: (port, devpath, _subsystem, token) => attributeOf(port, devpath, token.attribute ?? "", token),
};

function isMatch({ operator }: RuleToken): boolean {
  return operator === "==" || operator === "!=";
}

/** What is not there fits nothing, and no `!=` either. */
function compares({ operator, value }: RuleToken, found: string | undefined): boolean {
  if (found === undefined) return false;
  return matchesGlob(value, found) === (operator === "==");
}

/** White space at the end does not count, unless the pattern has some. */
function attributeOf(port: UdevPort, devpath: string, name: string, { value }: RuleToken): string | undefined {
  const text = port.read(absolute(devpath, name));
  return text === undefined || /\s$/.test(value) ? text : text.trimEnd();
}

function absolute(devpath: string, path: string): string {
  return path.startsWith("/") ? path : `/sys${devpath}/${path}`;
}
