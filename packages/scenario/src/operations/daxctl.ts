import type { Errno } from "@memhp/abi";
import type { Static } from "@sinclair/typebox";
import { absolute, name, word } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { StepError } from "./step-error.ts";
import type { Guest, Target } from "./target.ts";
import { failed } from "./words.ts";
import { Type } from "../schema/type.ts";

type Json = Readonly<Record<string, unknown>>;

const BUS = "/sys/bus/dax";
const COMMANDS = ["reconfigure-device", "online-memory", "offline-memory"] as const;

const operands = Type.Object({
  id: name({ description: "A dax device: dax0.0" }),
  do: word(COMMANDS, { description: "Which of daxctl's commands" }),
  mode: Type.Optional(
    word(["system-ram", "devdax"], {
      description: "Of reconfigure-device: who is to have the device, kmem or programs",
    }),
  ),
  online: Type.Optional(
    Type.Boolean({
      description: "Of mode system-ram: false is --no-online; its blocks come online unless told otherwise",
    }),
  ),
  movable: Type.Optional(
    Type.Boolean({ description: "false is --no-movable: `online` instead of `online_movable` is written" }),
  ),
  force: Type.Optional(
    Type.Boolean({ description: "--force: blocks go offline first; a policy that onlines is no reason to stop" }),
  ),
});
type Operands = Static<typeof operands>;

/** A block of the device, as its directory is read. */
interface Block {
  readonly id: number;
  readonly isOnline: boolean;
}

const NUL = "\0";
const hexOf = (text: string): number => Number.parseInt(text, 16);

async function textOf(guest: Guest, path: string): Promise<string | undefined> {
  const { errno, data } = await guest.read(path);
  return errno === 0 ? data.trim() : undefined;
}

/** The driver that has the device: its directory has a link to it. */
async function driverOf(guest: Guest, id: string): Promise<"kmem" | "device_dax" | undefined> {
  for (const driver of ["kmem", "device_dax"] as const)
    if ((await guest.read(`${BUS}/drivers/${driver}/${id}/modalias`)).errno === 0) return driver;
  return undefined;
}

/** Ranges of the device: its mappings, or one from `resource` on (before 5.10). */
async function rangesOf(guest: Guest, id: string): Promise<readonly (readonly [start: number, end: number])[]> {
  const dir = `${BUS}/devices/${id}`;
  const ranges: [number, number][] = [];
  for (let i = 0; ; i++) {
    const [start, end] = [
      await textOf(guest, `${dir}/mapping${i}/start`),
      await textOf(guest, `${dir}/mapping${i}/end`),
    ];
    if (start === undefined || end === undefined) break;
    ranges.push([Number(start), Number(end) + 1]);
  }
  if (ranges.length > 0) return ranges;
  const [start, size] = [await textOf(guest, `${dir}/resource`), await textOf(guest, `${dir}/size`)];
  return start === undefined || size === undefined || size === "0"
    ? []
    : [[Number(start), Number(start) + Number(size)]];
}

/** Memory blocks that lie in the device, ascending (facts/peer-programs.md §7: phys_index and block_size_bytes). */
async function blocksOf(guest: Guest, id: string): Promise<Block[]> {
  const blockBytes = hexOf((await textOf(guest, absolute("block_size_bytes"))) ?? "0");
  if (blockBytes === 0) return [];
  const found: Block[] = [];
  for (const [start, end] of await rangesOf(guest, id))
    for (let block = Math.ceil(start / blockBytes); (block + 1) * blockBytes <= end; block++) {
      const state = await textOf(guest, absolute(`memory${block}/state`));
      if (state !== undefined) found.push({ id: block, isOnline: state.startsWith("online") });
    }
  return found;
}

interface Outcome {
  readonly errno: Errno | 0;
  /** What daxctl complains of. */
  readonly said?: string;
  readonly failed?: readonly { readonly block: number; readonly errno: Errno }[];
}

const DONE: Outcome = { errno: 0 };

async function write(guest: Guest, path: string, data: string): Promise<Errno | 0> {
  const answer = await guest.write(path, data, {});
  if (answer === undefined) return 0;
  return (answer.open_errno === 0 ? answer.errno : answer.open_errno) as Errno | 0;
}

/** Each write has its NUL; state and zone are read again afterwards (facts/peer-programs.md §7). */
async function onlineMemory(guest: Guest, id: string, movable: boolean): Promise<Outcome> {
  const blocks = await blocksOf(guest, id);
  if (blocks.length === 0) return { errno: "ENXIO", said: `${id} has no memory blocks: kmem does not have it` };
  const zone = movable ? "Movable" : "Normal";
  const wrong: { block: number; errno: Errno }[] = [];
  for (const { id: block, isOnline } of blocks) {
    if (isOnline) continue;
    const errno = await write(
      guest,
      absolute(`memory${block}/state`),
      `${movable ? "online_movable" : "online"}${NUL}`,
    );
    if (errno !== 0) wrong.push({ block, errno });
    else if ((await textOf(guest, absolute(`memory${block}/valid_zones`))) !== zone)
      wrong.push({ block, errno: "EBUSY" });
  }
  return outcomeOf(wrong);
}

async function offlineMemory(guest: Guest, id: string): Promise<Outcome> {
  const blocks = await blocksOf(guest, id);
  if (blocks.length === 0) return { errno: "ENXIO", said: `${id} has no memory blocks: kmem does not have it` };
  const wrong: { block: number; errno: Errno }[] = [];
  for (const { id: block, isOnline } of blocks) {
    if (!isOnline) continue;
    const removable = await textOf(guest, absolute(`memory${block}/removable`));
    const errno =
      removable === "0" ? "EOPNOTSUPP" : await write(guest, absolute(`memory${block}/state`), `offline${NUL}`);
    if (errno !== 0) wrong.push({ block, errno });
  }
  return outcomeOf(wrong);
}

function outcomeOf(wrong: readonly { readonly block: number; readonly errno: Errno }[]): Outcome {
  const [first] = wrong;
  return first === undefined ? DONE : { errno: first.errno, failed: wrong };
}

async function toSystemRam(
  { guest }: Target,
  { id, online = true, movable = true, force = false }: Operands,
): Promise<Outcome> {
  const has = await driverOf(guest, id);
  if (has !== "kmem") {
    // Blocks that come online by themselves would not be where they are meant to be.
    const policy = (await textOf(guest, absolute("auto_online_blocks"))) ?? "offline";
    if (!force && policy.startsWith("online") && (!online || movable))
      return {
        errno: "EBUSY",
        said: `auto_online_blocks is ${policy}: the kernel would online the blocks itself (force goes on)`,
      };
    if (has !== undefined) await write(guest, `${BUS}/drivers/${has}/unbind`, id);
    // A file without read permission refuses to be read, one that is not there has no entry.
    if ((await guest.read(`${BUS}/drivers/kmem/new_id`)).errno === "ENOENT") await guest.insmod("kmem", "");
    const named = await write(guest, `${BUS}/drivers/kmem/new_id`, id);
    if (named !== 0) return { errno: named, said: "kmem did not take the name" };
    const bound = (await driverOf(guest, id)) === "kmem" ? 0 : await write(guest, `${BUS}/drivers/kmem/bind`, id);
    if (bound !== 0) return { errno: bound, said: `kmem did not take ${id}` };
  }
  return online ? onlineMemory(guest, id, movable) : DONE;
}

async function toDevdax({ guest }: Target, { id, force = false }: Operands): Promise<Outcome> {
  const has = await driverOf(guest, id);
  if (has === "device_dax") return DONE;
  if (has === "kmem") {
    if (force) {
      const offlined = await offlineMemory(guest, id);
      if (offlined.errno !== 0 && offlined.errno !== "ENXIO") return offlined;
    } else if ((await blocksOf(guest, id)).some(({ isOnline }) => isOnline))
      return { errno: "EBUSY", said: `memory of ${id} is online (force takes it offline first)` };
    await write(guest, `${BUS}/drivers/kmem/unbind`, id);
    await write(guest, `${BUS}/drivers/kmem/remove_id`, id);
  }
  await write(guest, `${BUS}/drivers/device_dax/new_id`, id);
  const bound =
    (await driverOf(guest, id)) === "device_dax" ? 0 : await write(guest, `${BUS}/drivers/device_dax/bind`, id);
  return bound === 0 ? DONE : { errno: bound, said: `device_dax did not take ${id}` };
}

async function perform(target: Target, operands: Operands): Promise<Json> {
  const { guest } = target;
  const { id, do: command, mode = "system-ram", movable = true } = operands;
  if ((await guest.read(`${BUS}/devices/${id}/modalias`)).errno !== 0)
    return { errno: "ENODEV", said: `no dax device ${id}`, online: 0, total: 0 };
  const { errno, ...rest } = await (command === "online-memory"
    ? onlineMemory(guest, id, movable)
    : command === "offline-memory"
      ? offlineMemory(guest, id)
      : mode === "devdax"
        ? toDevdax(target, operands)
        : toSystemRam(target, operands));
  const blocks = await blocksOf(guest, id);
  const driver = (await driverOf(guest, id)) ?? null;
  return { errno, ...rest, driver, online: blocks.filter(({ isOnline }) => isOnline).length, total: blocks.length };
}

export const daxctl: Operation = operation({
  op: "daxctl",
  about:
    "What the program daxctl does with a dax device, file by file: give it to kmem or to programs, online and offline its blocks",
  operands,
  check(operands) {
    for (const field of ["mode", "online", "force"] as const)
      if (operands[field] !== undefined && operands.do !== "reconfigure-device")
        throw new StepError(`daxctl: ${field}: of reconfigure-device alone (found with ${operands.do})`, field);
    if (operands.movable !== undefined && operands.do === "offline-memory")
      throw new StepError("daxctl: movable: offline-memory writes offline", "movable");
    if (operands.mode === "devdax" && (operands.online !== undefined || operands.movable !== undefined))
      throw new StepError("daxctl: online, movable: a device of mode devdax has no blocks", "mode");
  },
  acts: { on: "target", perform: async (target, operands) => ({ result: await perform(target, operands) }) },
  settles: true,
  runsProgram: true,
  asked({ id, do: command, mode, online, movable, force }, { resolve }) {
    const options = [
      ...(command === "reconfigure-device" ? [`--mode=${mode ?? "system-ram"}`] : []),
      ...(online === false ? ["--no-online"] : []),
      ...(movable === false ? ["--no-movable"] : []),
      ...(force === true ? ["--force"] : []),
    ];
    return ["daxctl", command, ...options, resolve(id)].join(" ");
  },
  outcome({ result }) {
    const blocks = `${String(result["online"])} of ${String(result["total"])} blocks online`;
    if (result["errno"] === 0)
      return { outcome: result["driver"] === "device_dax" ? "for programs, no blocks" : blocks, good: true };
    const { outcome } = failed(result["errno"] as Errno);
    const said = result["said"];
    return { outcome: `${outcome}${typeof said === "string" ? `: ${said}` : ""}; ${blocks}`, good: false };
  },
  staysInMachine: true,
  example: { op: "daxctl", id: "dax0.0", do: "reconfigure-device", mode: "system-ram" },
});
