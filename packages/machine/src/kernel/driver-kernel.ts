import { done, refused, type Result, ZONE_MOVABLE } from "@memhp/abi";
import type { DriverBlockState, DriverKernel } from "@memhp/devices";
import { BlockState } from "@memhp/engine";
import type { NodeRequest } from "@memhp/hotplug";
import type { ByteRange } from "@memhp/platforms";
import type { ShardSet } from "@memhp/shards";
import type { Board } from "../board/board.ts";
import type { Loads } from "../pages/loads.ts";
import type { HotplugLock } from "../time/hotplug-lock.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { MemoryHotplug } from "./memory-hotplug.ts";
import type { PhysicalMemory } from "./physical-memory.ts";

/** The machine as it is when drivers run. */
export interface DriverHost {
  readonly shards: ShardSet;
  readonly scheduler: Scheduler;
  readonly lock: HotplugLock;
  readonly memory: MemoryHotplug;
  readonly physical: PhysicalMemory;
  registerGroup(): number;
  log(text: string): void;
  loads(): Loads;
  /** What programs did with their pages since somebody looked. */
  passLoads(): Promise<void>;
}

/** The kernel's memory API for drivers. @param host is not there yet while devices are created. */
export function driverKernel(board: Board, host: () => DriverHost): DriverKernel {
  const { arch, kernel, blockSizeBytes } = board;
  const pageSize = 2 ** arch.pageShift;
  const size = ({ start, end }: ByteRange): { start: number; size: number } => ({ start, size: end - start });
  const frames = ({ start, end }: ByteRange, owner: string) => ({
    startPfn: start / pageSize,
    nrPages: (end - start) / pageSize,
    owner,
  });
  const locked = <T>(body: (host: DriverHost) => Promise<T>): Promise<T> => host().lock.run(() => body(host()));
  const nodeOfBlockAt = ({ start }: ByteRange): number =>
    host().shards.map.blocks.node(Math.floor(start / blockSizeBytes));
  const execute = (request: NodeRequest) => host().shards.execute([request]);
  return {
    modules: kernel.drivers ?? {},
    sysfs: kernel.sysfs,
    get supportsMemmapOnMemory() {
      return host().memory.supportsMemmapOnMemory;
    },
    canRemove: kernel.config.MEMORY_HOTREMOVE,
    blockBytes: blockSizeBytes,
    pageblockBytes: 2 ** arch.pageblockOrder * pageSize,
    sectionBytes: 2 ** arch.sectionSizeBits,
    pageBytes: pageSize,
    takePages: async (owner, pages) => {
      await host().passLoads();
      // BALLOON_COMPACTION depends on COMPACTION (mm/Kconfig).
      return host()
        .loads()
        .grow(owner, kernel.config.COMPACTION ? "balloon" : "kernel", pages);
    },
    giveBackPages: (owner, pages) => host().loads().shrink(owner, pages),
    pagesOf: (owner) => host().loads().placementOf(owner),
    nowNs: () => host().shards.clock.nowNs,
    setAlarm: (alarm) => host().scheduler.setAlarm(alarm),
    log: (text) => host().log(text),
    nodeOf: (proximity) => board.proximity.get(proximity) ?? host().memory.nodeOfAddress(0),
    stateOf(block): DriverBlockState {
      const { blocks } = host().shards.map;
      const state = blocks.state(block);
      if (state === BlockState.absent) return "absent";
      if (state === BlockState.offline || state === BlockState.goingOnline) return "offline";
      return blocks.zone(block) === ZONE_MOVABLE ? "movable" : "kernel";
    },
    onBlocks(hear) {
      const { shards } = host();
      const others = shards.onBlocks;
      shards.onBlocks = (blocks) => {
        others?.(blocks);
        hear(blocks);
      };
    },
    joinChain: (driver) => host().shards.joinChain(driver),
    claimRegion({ start, end }, name) {
      const { iomem } = host().physical;
      if (iomem.conflict(start, end, true) !== undefined) return false;
      iomem.insert(start, end, name, false);
      return true;
    },
    releaseRegion: ({ start, end }, name) => host().physical.iomem.drop(start, end, name),
    registerGroup(node, unitBytes) {
      const group = host().registerGroup();
      host().shards.groups.registerDynamic({ group, node, unitPages: unitBytes / pageSize });
      return group;
    },
    registerStaticGroup(bytes) {
      const group = host().registerGroup();
      host().shards.groups.addPages(group, bytes / pageSize);
      return group;
    },
    unregisterGroup: (group) => host().shards.groups.unregister(group),
    add: (range, { node, group, resourceName, merges = false, memmapOnMemory = false, owner = "", withheld }) =>
      locked(({ memory }) =>
        memory.addMemory(size(range), {
          node,
          ...(group === undefined ? {} : { group, groupIsRegistered: true }),
          resourceName,
          memmapOnMemory,
          mergesResource: merges,
          ...(withheld === undefined ? {} : { withheld: withheld.map((part) => frames(part, owner)) }),
        }),
      ),
    remove: (range) => locked(({ memory }) => memory.removal.removeIfOffline(size(range))),
    offlineAndRemove: (range) => locked(({ memory }) => memory.removal.offlineAndRemove(size(range))),
    withhold: (range, owner, movableTries) =>
      locked(async (machine): Promise<Result<void>> => {
        await machine.passLoads();
        const node = nodeOfBlockAt(range);
        const [result] = await execute({ op: "withhold", node, movableTries, ...frames(range, owner) });
        if (result?.op !== "withhold") throw new Error("memhp bug: a shard did not say what became of frames");
        return result.outcome.ok ? done(undefined) : refused(result.outcome.refusal);
      }),
    release: (range, owner) =>
      locked(async () => {
        await execute({ op: "release", node: nodeOfBlockAt(range), ...frames(range, owner) });
      }),
  };
}
