import type { TraceId } from "./traces.ts";

/** Steps in which memhp and a recorded run differ, with the proof that no rule could tell. */
export interface KnownDifference {
  readonly trace: TraceId;
  readonly steps: readonly number[];
  readonly why: string;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    trace: "4.1/offline-slab-normal",
    steps: [12, 18, 19],
    why: "257,217 files' slab took pages of the second and the last block of the DIMM besides the first. Of the same load with the same output del-busy met slab in the first and the last block only, and could offline the second. Steps 18 and 19 show that block's state again.",
  },
  {
    trace: "4.1/x-concurrent",
    steps: [2],
    why: "State after a shell in the guest raced eight offlines against each other, where one block (33) of eight stayed online. The shell is not simulated, and nothing says which write met pages on a per-cpu list: of 71 such writes in all runs 11 did (observed-4.1 §6).",
  },
  {
    trace: "6.1/f_auto_online",
    steps: [13, 14],
    why: "An eject of two blocks that auto-online put into Normal, which succeeded here. Recorded 8 times again, 3 boots of 6.1 let the DIMM go and 5 were busy, as were all 8 of 6.12 and j_nonuma: kernel pages were in the first block or not, and ejects carry no `given`.",
  },
  {
    trace: "6.1/l_add_memory_errnos",
    steps: [25, 26],
    why: "offline_and_remove_memory right after the block came online as the first of its node's Normal zone, twice (steps 23 and 25). Recorded 12 times again on this kernel, 11 boots succeeded in both and one was busy in both; this run was busy at 25. Step 26 shows the block that stayed.",
  },
  {
    trace: "6.12/l_add_memory_errnos",
    steps: [23, 26],
    why: "The counterpart of 6.1/l_add_memory_errnos, busy at 23: so was one of 12 boots of this kernel, the other 11 succeeded in both. Calls of the kernel's own API carry no `given`.",
  },
  {
    trace: "6.12/e_del_offline_first",
    steps: [3, 5, 6],
    why: "Step 3 offlines the first block of Normal right after it came online: EBUSY here. Recorded 12 times again on each kernel: on 6.12 one boot was EBUSY at 3, three at 4, eight at neither; on 6.1 four, one and seven (two of them: tools/oracle/recorded/6.1-del-offline-first-*). The eject (5) and the snapshot (6) follow from it.",
  },
  {
    trace: "7.3/f_auto_online",
    steps: [13, 14],
    why: "The counterpart of 6.1/f_auto_online: an eject of two blocks that auto-online put into Normal, which succeeded here. In x_default_kernel, which reads the same files after the same add, it is busy: by inodes of those files, which come from the node whose processor the reader ran on. Ejects carry no `given`.",
  },
  {
    trace: "6.12-ppc64el-qemu11/p_eject_busy",
    steps: [8, 9],
    why: "Once the module had dropped its pages, slab lay in the second block (pfn 0x9ccf5). In the same scenario under QEMU 7.2 (6.12-ppc64el/p_eject_busy) none did, and the DIMM went, as here. Ejects carry no `given`.",
  },
  {
    trace: "6.12-vmem/v_kernel_grow_shrink",
    steps: [5],
    why: 'The state was read in the middle of the removal that step 4 asked for (`35: ["", ""]`): recorded before the recorder waited for the guest (observed-newer §7).',
  },
  {
    trace: "6.1/x_virtio_mem",
    steps: [1],
    why: "The guest had another virtio device before this one, of the recorder's, which the run does not name: virtio1 in slot 2.",
  },
  {
    trace: "6.12/x_virtio_mem",
    steps: [1],
    why: "The same: virtio1 in slot 2.",
  },
];
