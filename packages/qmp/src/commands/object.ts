import { Arguments, asBoolean, asList, asString, asUint32, asUint64, asWord } from "../arguments.ts";
import { CommandError } from "../command-error.ts";
import type { JsonObject, JsonValue, PlainValue } from "../json/value.ts";
import { isWellFormedId } from "../qom.ts";
import type { Awaitable } from "../result.ts";
import { type Command, emptyAnswer, andThen } from "./command.ts";

/** Object types of this machine. QEMU has more; here they are as in a QEMU built without them. */
const QOM_TYPES = ["memory-backend-ram"];
const POLICIES = ["default", "preferred", "bind", "interleave"];
/** MAX_NODES of QEMU's hostmem.h. */
const MAX_HOST_NODES = 128n;

export const objectAdd: Command = (given, { port }) => {
  const args = new Arguments(given);
  const type = asWord(QOM_TYPES, args.string("qom-type"), "qom-type");
  const id = args.string("id");
  const backend = readBackend(args);
  args.end();
  if (!isWellFormedId(id)) throw new CommandError("Parameter 'id' expects an identifier");
  checkProperties(given, type);
  const add = (): Awaitable<PlainValue> => andThen(port.objectAdd({ id, sizeBytes: backend.sizeBytes }), emptyAnswer);
  const refusal = policyRefusal(backend);
  if (refusal === undefined) return add();
  // The object is given its name before its policy is judged: an id in use is the first mistake.
  return andThen(port.resolve(`/objects/${id}`), (taken) => {
    if (taken === undefined) throw new CommandError(refusal);
    return add();
  });
};

function policyRefusal({ policy, hostNodes }: BackendProperties): string | undefined {
  if (policy !== "default" && hostNodes.length === 0) return `host-nodes must be set for policy ${policy}`;
  if (policy !== "default" || hostNodes.length === 0) return undefined;
  return "host-nodes must be empty for policy default, or you should explicitly specify a policy other than default";
}

interface BackendProperties {
  readonly sizeBytes: bigint;
  readonly policy: string;
  readonly hostNodes: readonly bigint[];
}

/** MemoryBackendProperties in the order of QEMU's schema. What concerns the host alone is checked and dropped. */
function readBackend(args: Arguments): BackendProperties {
  args.optional("dump", asBoolean);
  const hostNodes = args.optional("host-nodes", asNodes) ?? [];
  args.optional("merge", asBoolean);
  const policy = args.optional("policy", (value, name) => asWord(POLICIES, value, name)) ?? "default";
  args.optional("prealloc", asBoolean);
  args.optional("prealloc-threads", asUint32);
  args.optional("prealloc-context", asString);
  args.optional("share", asBoolean);
  args.optional("reserve", asBoolean);
  const sizeBytes = args.uint64("size");
  args.optional("x-use-canonical-path-for-ramblock-id", asBoolean);
  return { sizeBytes, policy, hostNodes };
}

function asNodes(value: JsonValue, name: string): bigint[] {
  return asList(value, name).map((node, i) => {
    const number = asUint64(node, `${name}[${i}]`);
    // QEMU knows no name for a member of a list here.
    if (number >= 2n ** 16n) throw new CommandError("Parameter 'null' expects uint16_t");
    return number;
  });
}

/** Values that the object itself refuses, in the order in which QEMU sets its properties. */
function checkProperties(given: JsonObject, type: string): void {
  for (const [name, value] of given.entries()) {
    if (name === "host-nodes") {
      const wrong = asNodes(value, name).find((node) => node >= MAX_HOST_NODES);
      if (wrong !== undefined) throw new CommandError(`Invalid host-nodes value: ${wrong}`);
    }
    if ((name === "size" || name === "prealloc-threads") && value === 0n) {
      throw new CommandError(`property '${name}' of ${type} doesn't take value '0'`);
    }
    // There is no thread-context object here that it could name.
    if (name === "prealloc-context" && typeof value === "string") {
      throw new CommandError(`Device '${value}' not found`, "DeviceNotFound");
    }
  }
}

export const objectDel: Command = (given, { port }) => {
  const args = new Arguments(given);
  const id = args.string("id");
  args.end();
  return andThen(port.objectDel(id), emptyAnswer);
};
