import { done, type Errno, type Refusal, refused, type Result } from "@memhp/abi";
import type { ByteRange } from "@memhp/platforms";
import { createActor } from "xstate";
import type { DeviceHost } from "../device-type.ts";
import { fail } from "../spec-fields.ts";
import { standbyMachine } from "./standby-machine.ts";
import type { StandbySpec } from "./standby-spec.ts";
import { type Check, fields, flag, list, oneOf, whole } from "../image-checks.ts";

const SOURCE = "drivers/s390/char/sclp_mem.c (from source, not recorded)";

/** A block's storage as the hypervisor has it. */
export interface StandbyBlock {
  readonly block: number;
  readonly state: "standby" | "configured";
  /** What the block's own struct pages shall lie on when it is configured. */
  readonly memmapOnMemory: boolean;
}

/** Blocks that are not as a machine boots: those of boot memory configured, the others on standby. */
export type StandbyImage = readonly StandbyBlock[];

/** What an image says of standby memory, which anybody may have written. @throws ImageError */
export const checkStandbyImage: Check = list(
  fields<StandbyBlock>({ block: whole, state: oneOf("standby", "configured"), memmapOnMemory: flag }),
);

/** Storage that s390's hypervisor assigns to the system and takes back, by the files of /sys/firmware/memory (since 6.19). */
export class StandbyMemory {
  readonly #host: DeviceHost;
  readonly #changed = new Map<number, StandbyBlock>();
  readonly #room: ByteRange | undefined;

  /** @throws SpecError for a machine that has none. */
  constructor(host: DeviceHost, spec: StandbySpec | undefined, image: StandbyImage | undefined) {
    this.#host = host;
    const { driver, board } = host;
    if (spec !== undefined && driver.modules.standby === undefined)
      fail("machine.standby", "only s390x has standby memory, and memhp a kernel for it since 6.19 (7.2-s390x)");
    // Right behind boot memory: s390 has no slots.
    const { start } = board.window;
    this.#room = spec === undefined ? undefined : { start, end: start + spec.sizeBytes };
    if (spec !== undefined && spec.sizeBytes % driver.blockBytes !== 0)
      fail("machine.standby", `expected whole blocks of ${driver.blockBytes} bytes`);
    for (const block of image ?? []) this.#changed.set(block.block, block);
  }

  /** All blocks, those of boot memory first; empty where the hypervisor has no standby memory. */
  list(): StandbyBlock[] {
    if (this.#room === undefined) return [];
    const blocks = Math.floor(this.#room.end / this.#host.driver.blockBytes);
    return Array.from({ length: blocks }, (_, block) => this.#get(block));
  }

  image(): StandbyImage | undefined {
    return this.#changed.size === 0 ? undefined : [...this.#changed.values()].sort((a, b) => a.block - b.block);
  }

  /** config_store, in the thread of whoever writes; what is so already is no error. */
  async configure(block: number, isConfigured: boolean): Promise<Result<void>> {
    const storage = this.#get(block);
    const { driver } = this.#host;
    const start = block * driver.blockBytes;
    const range = { start, end: start + driver.blockBytes };
    if (isConfigured === (storage.state === "configured")) return done(undefined);
    if (!isConfigured && driver.stateOf(block) !== "offline")
      return refused(refusal("EBUSY", "already_in_state", block, IS_ONLINE));
    const { memmapOnMemory } = storage;
    const actor = createActor(standbyMachine, { snapshot: standbyMachine.resolveState({ value: storage.state }) });
    actor.start();
    actor.send({ type: isConfigured ? "CONFIGURE" : "DECONFIGURE" });
    const changed = await (isConfigured
      ? driver.add(range, { node: 0, resourceName: "System RAM", memmapOnMemory })
      : driver.remove(range));
    actor.send({ type: changed.ok ? "DONE" : "REFUSED" });
    const state = actor.getSnapshot().value === "configured" ? "configured" : "standby";
    actor.stop();
    this.#changed.set(block, { ...storage, state });
    return changed;
  }

  /** memmap_on_memory_store. */
  setMemmapOnMemory(block: number, memmapOnMemory: boolean): Result<void> {
    const storage = this.#get(block);
    if (!this.#host.driver.supportsMemmapOnMemory)
      return refused(refusal("EOPNOTSUPP", "not_built", block, ["boot with memory_hotplug.memmap_on_memory=1"]));
    if (storage.state === "configured")
      return refused(refusal("EBUSY", "already_in_state", block, ["write it before the block is configured"]));
    this.#changed.set(block, { ...storage, memmapOnMemory });
    return done(undefined);
  }

  #get(block: number): StandbyBlock {
    const isStandby = this.#room !== undefined && block * this.#host.driver.blockBytes >= this.#room.start;
    const state = isStandby ? "standby" : "configured";
    return this.#changed.get(block) ?? { block, state, memmapOnMemory: false };
  }
}

const IS_ONLINE = ["take the block offline first: write offline to its state"];

function refusal(errno: Errno, code: Refusal["code"], block: number, remedy: readonly string[]): Refusal {
  return { errno, code, rule: SOURCE, block, retry: "yes", remedy };
}
