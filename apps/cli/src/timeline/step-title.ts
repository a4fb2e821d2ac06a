import { type Errno, errnoText } from "@memhp/abi";
import type { StepRequest, TraceStep } from "@memhp/scenario";
import { loadEnded, loadStart, loadStarted } from "./load-title.ts";
import type { DimmPlaces } from "./references.ts";
import type { StepOutcome } from "./step-outcome.ts";

/** What a step asked for and how it ended, in a few words each. */
export interface StepTitle extends StepOutcome {
  readonly asked: string;
}

type Json = Readonly<Record<string, unknown>>;

const onlyLook: ReadonlySet<string> = new Set(["state", "snapshot", "tree"]);

/** True for steps that look at much and change nothing. */
export function onlyLooks({ step }: TraceStep): boolean {
  return onlyLook.has(step.op);
}

export function stepTitle(done: TraceStep, places: DimmPlaces): StepTitle {
  const request = done.step;
  const result = (done.result ?? undefined) as Json | undefined;
  const asked = askedFor(request, places);
  if (result === undefined) return { asked, outcome: "not simulated", good: true };
  if (result["background"] === true) return { asked, outcome: "goes on in the background", good: true };
  switch (request.op) {
    case "block":
      return { asked, ...written(result, String(request["v"])) };
    case "write":
      return { asked, ...written(result, String(request["data"])) };
    case "probe":
      return { asked, ...written(result, String(request["addr"])) };
    case "read":
      return { asked, ...readOutcome(result) };
    case "dimm_add":
      return {
        asked,
        ...(boardError(result, "object_add") ?? boardError(result, "device_add") ?? pluggedAt(request, places)),
      };
    case "dimm_del":
      return { asked, ...(boardError(result, "device_del") ?? ejected(request, result)) };
    case "container":
      return { asked, ...containerOutcome(request, result) };
    case "online":
    case "offline":
      return { asked, ...bulkOutcome(result, request.op) };
    case "load":
      return { asked, ...loadStarted(result) };
    case "unload":
      return { asked, ...loadEnded(result) };
    default:
      return { asked, outcome: "done", good: true };
  }
}

function askedFor(request: StepRequest, places: DimmPlaces): string {
  const name = request["background"];
  const asked = askedOf(request, places);
  return typeof name === "string" ? `${asked} &  (${name})` : asked;
}

function askedOf(request: StepRequest, places: DimmPlaces): string {
  const text = (name: string, otherwise = ""): string => {
    const value = request[name] ?? otherwise;
    return places.resolve(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
  };
  switch (request.op) {
    case "block":
      return `echo ${oneLine(text("v"))} > memory${text("n")}/${typeof request["file"] === "string" ? request["file"] : "state"}`;
    case "write":
      return `echo ${oneLine(text("data"))} > ${text("path")}`;
    case "probe":
      return `echo ${oneLine(text("addr"))} > /sys/devices/system/memory/probe`;
    case "read":
      return `cat ${text("path")}`;
    case "dimm_add":
      return `plug in DIMM ${text("id")}: ${text("size")} for node ${text("node", "0")}`;
    case "dimm_del":
      return `ask for DIMM ${text("id")} back`;
    case "container":
      return containerAction(request, text("id"));
    case "online":
    case "offline": {
      const type = request.op === "online" ? ` (${text("type", "online")})` : "";
      return `${request.op} blocks ${text("blocks")}${type}`;
    }
    case "insmod":
      return `insmod ${text("mod")}${request["args"] === undefined ? "" : ` ${text("args")}`}`;
    case "sleep":
      return `sleep ${text("s")} s`;
    case "wait":
      return `wait ${request["ms"] === undefined ? `${text("s")} s` : `${text("ms")} ms`}`;
    case "load":
      return loadStart(request);
    case "unload":
      return `end load ${text("id")}`;
    case "unpin":
      return `load ${text("id")} lets go of its pins`;
    case "signal":
      return `send a signal to ${text("to")}`;
    default: {
      const { op, ...operands } = request;
      const rest = Object.entries(operands).map(([name, value]) => `${name} ${places.resolve(plainText(value))}`);
      return `${op} ${rest.join(", ")}`.trim();
    }
  }
}

function containerAction({ action, notify }: StepRequest, id: string): string {
  switch (action) {
    case "add":
      return `insert container ${id} (${notify === "device_check" ? "device check" : "bus check"})`;
    case "eject":
      return `ask for container ${id} back`;
    default:
      return `echo ${action === "online" ? 1 : 0} > online of container ${id}`;
  }
}

function plainText(value: unknown): string {
  return oneLine(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}

const MAX_SHOWN = 60;

/** Data of a write as a shell would take it: quoted where it is more than a word, cut where it is long. */
function oneLine(data: string): string {
  const shown = data.length > MAX_SHOWN ? `${data.slice(0, MAX_SHOWN)}… (${data.length} bytes)` : data;
  return /^[\w./:+-]+$/.test(shown) ? shown : JSON.stringify(shown);
}

/** What a write came to; also of one that ran in the background. */
export function written(result: Json, data?: string): StepOutcome {
  const errno = (result["open_errno"] === 0 ? result["errno"] : result["open_errno"]) as Errno | 0;
  if (errno !== 0) return { outcome: `${errno} (${errnoText(errno)})`, good: false };
  const taken = Number(result["ret"]);
  if (result["timed_out_signal"] === true) return { outcome: "no answer in this time", good: false };
  return {
    outcome: data !== undefined && taken < data.length ? `ok, ${taken} of ${data.length} bytes taken` : "ok",
    good: true,
  };
}

function readOutcome(result: Json): StepOutcome {
  const errno = result["errno"] as Errno | 0;
  if (errno !== 0) return { outcome: `${errno} (${errnoText(errno)})`, good: false };
  return { outcome: oneLine(String(result["data"]).trimEnd()), good: true };
}

function boardError(result: Json, command: string): StepOutcome | undefined {
  const { error } = (result[command] ?? {}) as { readonly error?: { readonly desc: string } };
  return error === undefined ? undefined : { outcome: `refused by the machine: ${error.desc}`, good: false };
}

function pluggedAt({ id }: StepRequest, places: DimmPlaces): StepOutcome {
  const addr = places.address(String(id));
  const blocks = places.blocks(String(id));
  if (addr === undefined || blocks === undefined) return { outcome: "ok", good: true };
  const { first, last } = blocks;
  return {
    outcome: `at 0x${addr.toString(16)}, ${first === last ? `block ${first}` : `blocks ${first}-${last}`}`,
    good: true,
  };
}

function ejected({ id }: StepRequest, result: Json): StepOutcome {
  const left = result["devices_left"];
  const isLeft = Array.isArray(left) && left.includes(id);
  return { outcome: isLeft ? "not given back" : "given back", good: !isLeft };
}

function containerOutcome({ action }: StepRequest, result: Json): StepOutcome {
  if (action !== "add" && action !== "eject") return written(result, "1");
  const errno = result["errno"] as Errno | 0;
  if (errno !== 0) return { outcome: `${errno} (${errnoText(errno)})`, good: false };
  return { outcome: action === "add" ? "ok" : "given back", good: true };
}

function bulkOutcome(result: Json, op: "online" | "offline"): StepOutcome {
  const refused = Array.isArray(result["refused"]) ? result["refused"].length : 0;
  const changed = Number(result[`${op}d`]);
  return {
    outcome: `${changed} of ${String(result["requested"])} ${op}d${refused === 0 ? "" : `, ${refused} refused`}`,
    good: refused === 0,
  };
}
