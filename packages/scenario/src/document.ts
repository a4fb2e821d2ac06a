import type { ConfigSetting } from "@memhp/abi";
import { ConfigError, findKernel, type Kernel, kernelFor, kernelNames, kernels, withConfig } from "@memhp/kernels";
import { type MachineSpec, parseMachineSpec, readQemuVersion, SpecError } from "@memhp/machine";
import type { TSchema } from "@sinclair/typebox";
import { StepError } from "./operations/step-error.ts";
import { givenOfStep, recordedStep, scenarioSchema, traceSchema } from "./schema/document-schema.ts";
import { firstFault, shown } from "./schema/fault.ts";
import { longForm, shortForm } from "./schema/machine-schema.ts";
import { readText, TextError } from "./schema/read-text.ts";
import { KERNEL_TRACE_FORMAT, SCENARIO_FORMAT, type StepRequest } from "./step.ts";
import { checkRequest, operationOf } from "./step-request.ts";

/** One step of a document: the request, what a kernel answered (traces), what is expected (scenarios). */
export interface DocumentStep {
  readonly request: StepRequest;
  /** Everything that was recorded beside the request: result, after_state, uevents, … */
  readonly recorded: Readonly<Record<string, unknown>> | undefined;
  readonly expect: Readonly<Record<string, unknown>> | undefined;
  /** What no simulator can know: this step met kernel pages in its block, or none; of a scenario undefined where it does not say. */
  readonly unmovablePages: boolean | undefined;
}

/** A scenario or a kernel trace, read and checked. A kernel trace is a scenario. */
export interface RunDocument {
  readonly format: typeof SCENARIO_FORMAT | typeof KERNEL_TRACE_FORMAT;
  readonly name: string;
  readonly kernel: string;
  /** Switches that the kernel is built with instead of its own. */
  readonly config?: ConfigSetting;
  /** Seeds what loads draw. */
  readonly seed: number;
  readonly machine: MachineSpec;
  /** `machine` as the file wrote it. */
  readonly rawMachine: unknown;
  /** What the file says of the machine that boots, for a run that starts with another. */
  readonly said: readonly Said[];
  /** Boot blocks that hold kernel pages: `given`. Without it they lie where a kernel puts them. */
  readonly kernelBlocks: readonly number[] | undefined;
  readonly steps: readonly DocumentStep[];
}

/** A field of a document, and what it says in short. */
interface Said {
  readonly where: string;
  readonly word: string;
}

/** A file is no scenario and no kernel trace: what is wrong and where. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
}

type Json = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads the text of a scenario (YAML or JSON) or of a kernel trace. What it does not name is refused.
 * @param source name of the file, for messages.
 * @param among kernels that the file may name; memhp's own by default.
 * @param startsFromImage a scenario needs no kernel and no machine then: the image has its own.
 * @throws DocumentError
 */
export function parseDocument(
  text: string,
  source: string,
  among: readonly Kernel[] = kernels,
  startsFromImage = false,
): RunDocument {
  let raw: unknown;
  try {
    raw = readText(text);
  } catch (error) {
    if (error instanceof TextError) throw new DocumentError(`${source}: ${error.message}`);
    throw error;
  }
  const document = readDocument(startsFromImage ? withStandIns(raw, among) : raw, source, among);
  return { ...document, said: saidIn(raw) };
}

/** A scenario on a machine that it does not describe; what stands in is not used. */
function withStandIns(raw: unknown, among: readonly Kernel[]): unknown {
  if (!isRecord(raw) || raw["format"] !== SCENARIO_FORMAT) return raw;
  return { kernel: (among.at(-1) ?? kernels[0])?.id, machine: { nodes: { count: 1, memory: "1G" } }, ...raw };
}

const aboutTheMachine = ["kernel", "flavour", "config", "machine", "given", "seed"];

/** Fields of a file that a run from an image has no use for. */
function saidIn(raw: unknown): Said[] {
  if (!isRecord(raw)) return [];
  return aboutTheMachine.flatMap((where) => {
    const value = raw[where];
    if (value === undefined) return [];
    return [
      { where, word: isRecord(value) ? Object.keys(value).join(", ") || "{}" : (value as string | number).toString() },
    ];
  });
}

/**
 * The same for a document that is already parsed.
 * @throws DocumentError with the place and what is allowed
 */
export function readDocument(raw: unknown, source: string, among: readonly Kernel[] = kernels): RunDocument {
  const fail = (what: string): never => {
    throw new DocumentError(`${source}: ${what}`);
  };
  const fit = (schema: TSchema, value: unknown, where: string): void => {
    const fault = firstFault(schema, value);
    if (fault !== undefined) fail(where === "" ? fault : `${where}${fault}`);
  };
  if (!isRecord(raw)) return fail("expected an object with format, kernel, machine and steps");
  const format = raw["format"];
  if (format !== SCENARIO_FORMAT && format !== KERNEL_TRACE_FORMAT)
    return fail(`format: ${shown(format)} is not known (allowed: ${SCENARIO_FORMAT}, ${KERNEL_TRACE_FORMAT})`);
  const isTrace = format === KERNEL_TRACE_FORMAT;
  if (typeof raw["kernel"] === "number")
    return fail(`kernel: ${raw["kernel"]} is a number (in YAML write it in quotes: "${raw["kernel"]}")`);
  const ids = kernelNames(among);
  const isKnown = ids.includes(raw["kernel"] as string) || findKernel(raw["kernel"] as string, among) !== undefined;
  if (!isKnown)
    return fail(
      `kernel: ${shown(raw["kernel"])} is not known (allowed: ${ids.join(", ")}; in YAML write it in quotes)`,
    );
  fit(isTrace ? traceSchema : scenarioSchema, raw, "");
  const {
    kernel: named,
    flavour,
    seed = 0,
    config: asked,
    machine: writtenMachine,
    recorded,
    boot_log,
    given,
    steps,
  } = raw as unknown as DocumentFields;
  const rawMachine = withQemuOf(recorded, writtenMachine);
  fit(isRecord(rawMachine["nodes"]) ? shortForm : longForm, rawMachine, "machine.");
  let machine: MachineSpec;
  try {
    machine = parseMachineSpec(rawMachine, undefined, Array.isArray(boot_log) ? boot_log.map(String) : []);
  } catch (error) {
    if (error instanceof SpecError) return fail(error.message);
    throw error;
  }
  let kernel: string;
  let config: ConfigSetting | undefined;
  try {
    const linux = kernelFor(named, machine.arch, flavour, among);
    kernel = linux.id;
    config = readConfig(linux, asked);
  } catch (error) {
    if (error instanceof ConfigError) return fail(error.message);
    if (error instanceof RangeError) return fail(`kernel: ${error.message}`);
    throw error;
  }
  return {
    format,
    name: typeof raw["name"] === "string" ? raw["name"] : source,
    kernel,
    ...(config === undefined ? {} : { config }),
    seed,
    machine,
    rawMachine,
    said: saidIn(raw),
    kernelBlocks: given === undefined ? undefined : (given.unmovable_boot_blocks ?? []),
    steps: steps.map((step, i) => {
      const where = `step ${i}: `;
      return isTrace ? readRecorded(step, where, fit, fail) : readStep(step, where, fit, fail);
    }),
  };
}

/** What the schemas say of a document. */
interface DocumentFields {
  readonly kernel: string;
  readonly flavour?: string;
  readonly recorded?: unknown;
  readonly boot_log?: unknown;
  readonly seed?: number;
  readonly config?: Readonly<Record<string, boolean | "y" | "n">>;
  readonly machine: Json;
  readonly given?: { readonly unmovable_boot_blocks?: readonly number[] };
  readonly steps: readonly unknown[];
}

/** Which QEMU a kernel was recorded on is beside the machine. */
function withQemuOf(recorded: unknown, machine: Json): Json {
  const monitor = isRecord(recorded) ? recorded["monitor"] : undefined;
  const version = isRecord(monitor) ? monitor["qemu"] : undefined;
  if (!isRecord(version) || machine["qemu"] !== undefined) return machine;
  const qemu = [version["major"], version["minor"], version["micro"]].join(".");
  return readQemuVersion(qemu) === undefined || qemu.startsWith(DEFAULT_QEMU) ? machine : { ...machine, qemu };
}

const DEFAULT_QEMU = "7.2.";

/** What is asked of a kernel's build, once the kernel can have it. @throws ConfigError */
function readConfig(kernel: Kernel, asked: DocumentFields["config"]): ConfigSetting | undefined {
  if (asked === undefined) return undefined;
  const setting = Object.fromEntries(
    Object.entries(asked).map(([name, value]) => [name, value === true || value === "y"]),
  );
  withConfig(kernel, setting);
  return Object.fromEntries(Object.entries(setting).map(([name, on]) => [name.replace(/^CONFIG_/, ""), on]));
}

type Fit = (schema: TSchema, value: unknown, where: string) => void;
type Fail = (what: string) => never;

function readRequest(raw: Json, where: string, fail: Fail): StepRequest {
  if (typeof raw["op"] !== "string") return fail(`${where}op is missing`);
  const request = raw as StepRequest;
  try {
    checkRequest(request);
  } catch (error) {
    if (error instanceof StepError) return fail(`${where}${error.message}`);
    throw error;
  }
  return request;
}

/** A step of a scenario. */
function readStep(raw: unknown, where: string, fit: Fit, fail: Fail): DocumentStep {
  if (!isRecord(raw)) return fail(`${where}expected an object, found ${shown(raw)}`);
  const { expect, given, ...operands } = raw;
  const request = readRequest(operands, where, fail);
  if (expect !== undefined && !isRecord(expect))
    return fail(`${where}expect: expected an object, found ${shown(expect)}`);
  if (given !== undefined) fit(givenOfStep, given, `${where}given.`);
  return { request, recorded: undefined, expect, unmovablePages: given === undefined ? undefined : isGiven(given) };
}

/** A step of a kernel trace: the request, and what a kernel answered. */
function readRecorded(raw: unknown, where: string, fit: Fit, fail: Fail): DocumentStep {
  if (!isRecord(raw)) return fail(`${where}expected an object, found ${shown(raw)}`);
  if (!isRecord(raw["step"]))
    return fail(`${where}op is missing: expected an object under step, found ${shown(raw["step"])}`);
  const request = readRequest(raw["step"], where, fail);
  fit(recordedStep, raw, where);
  const { step: _step, ...recorded } = raw;
  const shape = operationOf(request.op).recorded;
  const { result } = recorded;
  // What never returned has no result to speak of.
  if (shape !== undefined && isRecord(result) && result["never_returned"] !== true)
    fit(shape, result, `${where}result.`);
  return { request, recorded, expect: undefined, unmovablePages: isGiven(recorded["given"]) };
}

function isGiven(given: unknown): boolean {
  return isRecord(given) && given["unmovable_pages"] === true;
}
