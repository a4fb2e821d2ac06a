import { zoneNames } from "@memhp/abi";
import type { HostRules } from "../rules/host-rules.ts";
import { type Fit, fits } from "./demand.ts";
import type { HostMemory } from "./host-memory.ts";
import { demandOf, type LookedBlock } from "./looked.ts";
import type { Place } from "./refusals.ts";
import { type Leaving, type Room, roomFor } from "./room.ts";

/** An offline that is thought through: the host, the block, and what of both is worked out once and asked by several steps. */
export class Attempt {
  readonly memory: HostMemory;
  readonly looked: LookedBlock;
  readonly rules: HostRules;
  /** Where it is, for refusals. */
  readonly place: Place;
  #room: Room | undefined;
  #fit: Fit | undefined;

  constructor(memory: HostMemory, looked: LookedBlock, rules: HostRules) {
    this.memory = memory;
    this.looked = looked;
    this.rules = rules;
    const { block, node, zone } = looked;
    this.place = {
      block: block.block,
      ...(node === undefined ? {} : { node }),
      ...(zone === undefined ? {} : { zone }),
    };
  }

  /** Whether the files say what its pages are. */
  get knowsPages(): boolean {
    const { zone, node, survey } = this.looked;
    return zone !== undefined && node !== undefined && survey.told > 0;
  }

  get leaving(): Leaving {
    const { node, zone, survey } = this.looked;
    return { node: node ?? 0, zone: zoneNames.indexOf(zone ?? "Normal"), free: survey.free };
  }

  /** Where its pages may go. */
  get room(): Room {
    this.#room ??= roomFor(this.memory, this.leaving, this.rules);
    return this.#room;
  }

  /** Whether they all find room there. */
  get fit(): Fit {
    this.#fit ??= fits(this.memory, demandOf(this.memory, this.looked), this.room, this.leaving);
    return this.#fit;
  }
}
