import { type Kernel, kernelOf, kernels } from "@memhp/kernels";
import { type MachineSpec, parseMachineSpec, SpecError } from "@memhp/machine";
import { parse as parseYaml } from "yaml";

import { machineFields, operandsOfOp, recorderOperands, scenarioFields, unknownField } from "./known-fields.ts";

export const SCENARIO_FORMAT = "memhp-scenario/1";
export const KERNEL_TRACE_FORMAT = "memhp-kernel-trace/1";
export const TRACE_FORMAT = "memhp-trace/1";

/** A step's request: an operation and its operands. */
export interface StepRequest {
  readonly op: string;
  readonly [operand: string]: unknown;
}

/** One step of a document: the request, what a kernel answered (traces), what is expected (scenarios). */
export interface DocumentStep {
  readonly request: StepRequest;
  /** Everything that was recorded beside the request: result, after_state, uevents, … */
  readonly recorded: Readonly<Record<string, unknown>> | undefined;
  readonly expect: Readonly<Record<string, unknown>> | undefined;
  /** What no simulator can know: this step met kernel pages in its block. */
  readonly unmovablePages: boolean;
}

/** A scenario or a kernel trace, read and checked. A kernel trace is a scenario. */
export interface RunDocument {
  readonly format: typeof SCENARIO_FORMAT | typeof KERNEL_TRACE_FORMAT;
  readonly name: string;
  readonly kernel: string;
  readonly seed: number;
  readonly machine: MachineSpec;
  /** `machine` as the file wrote it. */
  readonly rawMachine: unknown;
  /** Boot blocks that hold kernel pages: `given`. A recorded run without it holds none that it tells of; a scenario's all do. */
  readonly kernelBlocks: "all" | readonly number[];
  readonly steps: readonly DocumentStep[];
}

/** A file is no scenario and no kernel trace: what is wrong and where. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads the text of a scenario (YAML or JSON) or of a kernel trace.
 * @param source name of the file, for messages.
 * @param among kernels that the file may name; memhp's own by default.
 * @throws DocumentError
 */
export function parseDocument(text: string, source: string, among: readonly Kernel[] = kernels): RunDocument {
  let raw: unknown;
  try {
    raw = text.trimStart().startsWith("{") ? JSON.parse(text) : parseYaml(text);
  } catch (error) {
    throw new DocumentError(
      `${source}: not readable as JSON or YAML: ${(error as Error).message.split("\n")[0]?.replace(/:$/, "")}`,
    );
  }
  return readDocument(raw, source, among);
}

/** The same for a document that is already parsed. */
export function readDocument(raw: unknown, source: string, among: readonly Kernel[] = kernels): RunDocument {
  const fail = (what: string): never => {
    throw new DocumentError(`${source}: ${what}`);
  };
  if (!isRecord(raw)) return fail("expected an object with format, kernel, machine and steps");
  const format = raw["format"];
  if (format !== SCENARIO_FORMAT && format !== KERNEL_TRACE_FORMAT) {
    return fail(`format: ${JSON.stringify(format)} is not known (allowed: ${SCENARIO_FORMAT}, ${KERNEL_TRACE_FORMAT})`);
  }
  // A recorded run has fields that only its recorder knows; in a scenario a name that is not known is a slip.
  const isScenario = format === SCENARIO_FORMAT;
  const unknown = isScenario ? unknownField(raw, scenarioFields) : undefined;
  if (unknown !== undefined) return fail(unknown);
  const ids = among.map(({ id }) => id);
  const kernel = raw["kernel"];
  if (typeof kernel !== "string" || !ids.includes(kernel)) {
    return fail(
      `kernel: ${JSON.stringify(kernel)} is not known (allowed: ${ids.join(", ")}; in YAML write it in quotes)`,
    );
  }
  const seed = raw["seed"] ?? 0;
  if (typeof seed !== "number" || !Number.isSafeInteger(seed) || seed < 0)
    return fail(`seed: expected a whole number from 0, found ${JSON.stringify(seed)}`);
  const rawMachine = raw["machine"];
  const unknownPart = isScenario && isRecord(rawMachine) ? unknownField(rawMachine, machineFields) : undefined;
  if (unknownPart !== undefined) return fail(`machine: ${unknownPart}`);
  const steps = raw["steps"];
  if (!Array.isArray(steps)) return fail("steps: expected a list");
  let machine: MachineSpec;
  try {
    machine = parseMachineSpec(rawMachine);
  } catch (error) {
    if (error instanceof SpecError) return fail(error.message);
    throw error;
  }
  const name = typeof raw["name"] === "string" ? raw["name"] : source;
  if (format === KERNEL_TRACE_FORMAT) machine = asRecorded(machine, kernelOf(kernel, among), name);
  return {
    format,
    name,
    kernel,
    seed,
    machine,
    rawMachine,
    kernelBlocks: readGiven(raw["given"], fail) ?? (format === KERNEL_TRACE_FORMAT ? [] : "all"),
    steps: (steps as unknown[]).map((step, i) => readStep(step, format, `step ${i}`, fail)),
  };
}

/**
 * The recorder gave some kernels a `memhp_default_state` without writing it into the trace, except
 * in the runs that show the defaults (observed-6 §13).
 */
function asRecorded(machine: MachineSpec, { recorder }: Kernel, name: string): MachineSpec {
  const showsDefaults = name.startsWith("a_") || name.startsWith("f_default_state_") || name === "x_default_kernel";
  const state = recorder.unwrittenDefaultState;
  if (state === undefined || showsDefaults || machine.cmdline.includes("memhp_default_state=")) return machine;
  return { ...machine, cmdline: `${machine.cmdline} memhp_default_state=${state}`.trim() };
}

function readGiven(raw: unknown, fail: (what: string) => never): number[] | undefined {
  if (raw === undefined) return undefined;
  const blocks = isRecord(raw) ? (raw["unmovable_boot_blocks"] ?? []) : undefined;
  if (!Array.isArray(blocks) || blocks.some((block) => !Number.isInteger(block)))
    return fail("given.unmovable_boot_blocks: expected a list of block numbers");
  return blocks as number[];
}

function readStep(raw: unknown, format: string, where: string, fail: (what: string) => never): DocumentStep {
  if (!isRecord(raw)) return fail(`${where}: expected an object`);
  const isTrace = format === KERNEL_TRACE_FORMAT;
  const request = isTrace ? raw["step"] : raw;
  if (!isRecord(request) || typeof request["op"] !== "string") return fail(`${where}: op is missing`);
  const { expect, given: ownGiven, ...operands } = request;
  const { op, ...named } = operands;
  const allowed = isTrace ? undefined : operandsOfOp[op as string];
  const unknown =
    allowed === undefined ? undefined : unknownField(named, [...allowed, "expect", "given"], recorderOperands);
  if (unknown !== undefined) return fail(`${where}: ${op as string}: ${unknown}`);
  if (expect !== undefined && !isRecord(expect)) return fail(`${where}: expect: expected an object`);
  const given = isTrace ? raw["given"] : ownGiven;
  const { step: _step, ...recorded } = raw;
  return {
    request: operands as StepRequest,
    recorded: isTrace ? recorded : undefined,
    expect: isTrace ? undefined : expect,
    unmovablePages: isRecord(given) && given["unmovable_pages"] === true,
  };
}
