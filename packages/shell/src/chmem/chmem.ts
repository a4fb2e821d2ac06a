import { errnoText } from "@memhp/abi";
import type { WriteAnswer } from "@memhp/sysfs";
import { humanSize } from "../lsmem/human-size.ts";
import { NoMemoryBlocks, type SysfsFiles } from "../lsmem/memory-ranges.ts";
import { ChmemError, type ChmemGoal, parseChmemParameter } from "./parameter.ts";

/** What chmem(1) reads, and the one way in which it writes. */
export interface ChmemFiles extends SysfsFiles {
  /** open(2) and write(2) of a word without a newline. */
  writeState(path: string, word: string): Promise<WriteAnswer>;
}

/** What was asked of chmem(8). */
export interface ChmemOptions {
  readonly enable: boolean;
  readonly useBlocks?: boolean;
  readonly zone?: string;
  readonly verbose?: boolean;
}

/** What chmem(1) leaves behind; its exit code is 0, 1, or 64 where a part was done. */
export interface ChmemOutcome {
  readonly exitCode: 0 | 1 | 64;
  readonly stdout: string;
  /** Lines without the program's name. */
  readonly stderr: readonly string[];
}

const MEMORY = "/sys/devices/system/memory";
/** Zones that `-z` takes. */
export const chmemZones = ["DMA", "DMA32", "Normal", "Highmem", "Movable", "Device"] as const;

/** What became of one block. */
type Step = { readonly done: boolean; readonly said?: string; readonly warned?: string; readonly changed?: boolean };

/**
 * What util-linux 2.38.1's chmem does and says (facts/peer-programs.md §3; 6.1, 6.12: k_lsmem_chmem).
 * @throws ChmemError, NoMemoryBlocks
 */
export async function chmem(files: ChmemFiles, parameter: string, options: ChmemOptions): Promise<ChmemOutcome> {
  return new Chmem(files, options).run(parameter);
}

class Chmem {
  readonly #files: ChmemFiles;
  readonly #options: ChmemOptions;
  readonly #verb: "enable" | "disable";
  #blockSizeBytes = 0;
  #hasZones = false;
  #stdout = "";
  readonly #stderr: string[] = [];

  constructor(files: ChmemFiles, options: ChmemOptions) {
    this.#files = files;
    this.#options = options;
    this.#verb = options.enable ? "enable" : "disable";
  }

  async run(parameter: string): Promise<ChmemOutcome> {
    const ids = this.#blocks();
    const goal = parseChmemParameter(parameter, this.#options.useBlocks === true, this.#blockSizeBytes);
    this.#hasZones = this.#read(`memory${ids[0]}/valid_zones`) !== undefined;
    this.#checkZone();
    const exitCode = await (goal.kind === "size" ? this.#bySize(ids, goal.blocks) : this.#byRange(ids, goal));
    return { exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  #blocks(): number[] {
    const names = this.#files.list(MEMORY);
    const size = this.#read("block_size_bytes");
    if (!names.ok || size === undefined) throw new NoMemoryBlocks("This system does not support memory blocks");
    this.#blockSizeBytes = Number.parseInt(size, 16);
    const ids = names.value.flatMap((name) => (/^memory\d+$/.test(name) ? [Number(name.slice(6))] : []));
    if (ids.length === 0) throw new NoMemoryBlocks("No memory blocks found");
    return ids.sort((a, b) => a - b);
  }

  #checkZone(): void {
    const { zone } = this.#options;
    if (zone === undefined) return;
    if (!chmemZones.some((known) => known.toLowerCase() === zone.toLowerCase()))
      throw new ChmemError(`unknown memory zone: ${zone}`);
    if (!this.#hasZones) this.#stderr.push("zone ignored, no valid_zones sysfs attribute present");
  }

  async #bySize(ids: readonly number[], wanted: number): Promise<0 | 1 | 64> {
    let left = wanted;
    for (const id of this.#options.enable ? ids : ids.toReversed()) {
      if (left === 0) break;
      // Blocks that are as they should be are passed over.
      if (this.#isDone(id)) continue;
      const step = await this.#change(id);
      if (step.done) left--;
      if (this.#options.verbose === true) this.#say(step);
    }
    if (left === 0) return 0;
    this.#stderr.push(`Could only ${this.#verb} ${humanSize((wanted - left) * this.#blockSizeBytes)} of memory`);
    return left === wanted ? 1 : 64;
  }

  async #byRange(ids: readonly number[], { first, last }: ChmemGoal & { kind: "range" }): Promise<0 | 1 | 64> {
    let left = last - first + 1;
    for (const id of ids) {
      if (id < first || id > last) continue;
      const step = this.#isDone(id)
        ? { done: true, said: `${this.#name(id)} already ${this.#verb}d` }
        : await this.#change(id);
      if (step.done) left--;
      if (this.#options.verbose === true) this.#say(step);
    }
    if (left === 0) return 0;
    return left === last - first + 1 ? 1 : 64;
  }

  /** The first six bytes of `state` decide. */
  #isDone(id: number): boolean {
    const state = this.#read(`memory${id}/state`) ?? "";
    return this.#options.enable ? state.startsWith("online") : state.startsWith("offlin");
  }

  async #change(id: number): Promise<Step> {
    const word = this.#word(id);
    if (word === undefined) return { done: false, warned: `${this.#name(id)} ${this.#verb} failed: Zone mismatch` };
    const { openErrno, errno: writeErrno } = await this.#files.writeState(`${MEMORY}/memory${id}/state`, word);
    const errno = openErrno === 0 ? writeErrno : openErrno;
    if (errno === 0) return { done: true, said: `${this.#name(id)} ${this.#verb}d` };
    return { done: false, warned: `${this.#name(id)} ${this.#verb} failed: ${errnoText(errno)}` };
  }

  /** Undefined where the block cannot join, or is not in, the zone that was asked for. */
  #word(id: number): string | undefined {
    const { enable, zone } = this.#options;
    if (!this.#hasZones) return enable ? "online" : "offline";
    const zones = this.#read(`memory${id}/valid_zones`) ?? "";
    const named = zone?.toLowerCase();
    if (!enable) return named === undefined || zones.toLowerCase().startsWith(named) ? "offline" : undefined;
    if (named === undefined) return zones.includes("Movable") ? "online_movable" : "online";
    if (!zones.toLowerCase().includes(named)) return undefined;
    return named === "movable" ? "online_movable" : "online_kernel";
  }

  #name(id: number): string {
    const hex = (address: number): string => `0x${address.toString(16).padStart(16, "0")}`;
    return `Memory Block ${id} (${hex(id * this.#blockSizeBytes)}-${hex((id + 1) * this.#blockSizeBytes - 1)})`;
  }

  #say({ said, warned }: Step): void {
    if (said !== undefined) this.#stdout += `${said}\n`;
    if (warned !== undefined) this.#stderr.push(warned);
  }

  #read(path: string): string | undefined {
    const read = this.#files.read(`${MEMORY}/${path}`);
    return read.ok ? read.value.trimEnd() : undefined;
  }
}
