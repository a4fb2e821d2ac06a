import { defaultOnlineTypes } from "@memhp/abi";
import {
  type Check,
  expected,
  fields,
  flag,
  list,
  number,
  oneOf,
  optional,
  orNull,
  record,
  text,
  tuple,
} from "@memhp/devices";
import type { PageStoreImage } from "@memhp/engine";
import { faultOperations } from "@memhp/sysfs";
import type { MachineImage } from "./machine-image.ts";

// What a file holds is whatever somebody put there. Here it is checked that every part is of the kind that its reader takes
// for granted; whether the parts agree, those who restore them see.

/** More than this no machine has of anything: 2 PiB in blocks of 128 MiB. */
const MOST = 2 ** 24;

const anything: Check = () => {};
const numbers = list(number);

/** Value and count in turn. */
const runs: Check = (value, where) => {
  numbers(value, where);
  const column = value as number[];
  if (column.length % 2 !== 0) throw expected("values and counts in turn", where);
  for (let i = 1; i < column.length; i += 2) count(column[i], `${where}[${i}]`);
};
const count: Check = (value, where) => {
  if (!Number.isSafeInteger(value) || (value as number) < 1) throw expected("a count of at least 1", where);
};
/** Frames of a whole node may be more than `MOST`; whatever is counted one by one may not. */
const progressions: Check = (value, where) => {
  list((each, at) => {
    if (typeof each === "number") return number(each, at);
    tuple(number, count, number)(each, at);
  })(value, where);
  const total = (value as (number | number[])[]).reduce<number>(
    (sum, each) => sum + (typeof each === "number" ? 1 : (each[1] as number)),
    0,
  );
  if (total > MOST) throw expected(`at most ${MOST} numbers`, where);
};
const fewRuns: Check = (value, where) => {
  list(tuple(number, count, number))(value, where);
  const total = (value as number[][]).reduce((sum, each) => sum + (each[1] as number), 0);
  if (total > MOST) throw expected(`at most ${MOST} of them`, where);
};
const boundBlocks: Check = (value, where) => {
  list(tuple(number, number, count))(value, where);
  const total = (value as number[][]).reduce((sum, each) => sum + (each[2] as number), 0);
  if (total > MOST) throw expected(`at most ${MOST} blocks`, where);
};

const range = fields({ startPfn: number, endPfn: number });
const zone = fields({
  index: number,
  startPfn: number,
  spannedPages: number,
  presentPages: number,
  managedPages: number,
  earlyPages: number,
  initialised: flag,
});
const part = fields({ startPfn: number, endPfn: number, node: number, zone: number, ram: flag });
const map = fields({
  blockPages: number,
  blocks: fields({
    ids: progressions,
    state: runs,
    zone: runs,
    flags: runs,
    node: runs,
    presentPages: runs,
    altmapPages: runs,
    group: runs,
    onlineType: runs,
  }),
  parts: list(tuple(number, list(part))),
  withheld: optional(list(tuple(number, list(fields({ startPfn: number, nrPages: number, owner: text }))))),
  nodes: list(
    fields({
      id: number,
      zones: tuple(zone, zone, zone, zone, zone),
      startPfn: number,
      spannedPages: number,
      presentPages: number,
      nrZones: number,
      online: flag,
      hasNormalMemory: flag,
      hasMemory: flag,
    }),
  ),
});
const pages = fields<PageStoreImage>({
  node: number,
  owners: list(orNull(text)),
  ownerPages: numbers,
  blocks: progressions,
  zone: runs,
  type: runs,
  savedType: runs,
  held: runs,
  kernel: runs,
  memmap: runs,
  before: runs,
  behind: runs,
  highFirst: runs,
  hasFrames: runs,
  use: runs,
  uses: list(fields({ kind: text, owner: number, order: number, references: number, poisoned: flag })),
  touched: progressions,
  freeTurns: progressions,
  pageblocks: fields({ zone: runs, type: runs, savedType: runs }),
  frames: runs,
  free: list(fields({ zone: number, order: number, type: number, chunks: progressions })),
  counters: fields({
    freePages: numbers,
    presentPages: numbers,
    kinds: list(tuple(number, text, number)),
    pageblocks: list(tuple(number, number, number)),
  }),
  pools: list(fields({ order: number, total: number, free: numbers })),
  reservedHugepages: list(tuple(number, number)),
  targetHugepages: list(tuple(number, number)),
  poisonedPfns: numbers,
  corruptedPages: number,
  memmapPages: number,
  memmapChunks: progressions,
  migrateSuccess: number,
  migrateFail: number,
});
const bytes = list(fields({ start: number, end: number }));
/** Whether it makes sense, those see who let it act. */
const fileFault = fields({
  id: number,
  path: text,
  operation: oneOf(...faultOperations),
  when: record,
  delayNs: optional(number),
  texts: optional(list(text)),
  met: number,
  struck: number,
});
const load = fields({ id: text, kind: text, sizeBytes: number, startedNs: number, churnedNs: number });

const image = fields<MachineImage>({
  format: text,
  kernel: (value, where) => (typeof value === "string" ? undefined : record(value, where)),
  config: optional(record),
  stage: oneOf("early", "running"),
  spec: fields({
    board: text,
    arch: text,
    memoryBytes: number,
    nodes: list(fields({ id: number, memoryBytes: number, cpus: numbers })),
    slots: number,
    maxMemoryBytes: number,
    cpus: number,
    hypervisor: flag,
    qemu: optional(fields({ major: number, minor: number, micro: number, package: text })),
    cmdline: text,
    devices: record,
  }),
  board: fields({
    blockSizeBytes: number,
    ram: bytes,
    firmware: bytes,
    proximity: list(tuple(number, number)),
    possibleNodes: numbers,
    physicalNodes: optional(numbers),
    nodes: list(fields({ node: number, ranges: list(range), hotpluggable: list(range), cpus: numbers })),
    options: record,
  }),
  seed: number,
  memory: fields({
    nodes: fields({ map, pages: list(pages), places: list(tuple(number, number, number)) }),
    groupPages: list(tuple(number, number)),
    dynamicGroups: optional(list(fields({ group: number, node: number, unitPages: number }))),
    endPfn: number,
    clock: fields({ nowNs: number, limitNs: orNull(number), toldAtNs: number, told: number }),
  }),
  physical: fields({
    resources: list(fields({ start: number, end: number, name: text, busy: flag })),
    memmap: list(fields({ start: number, end: number, type: text })),
  }),
  memmapHomes: fewRuns,
  freshZones: optional(list(fields({ node: number, zone: number, blocks: numbers, runs: number }))),
  parameters: fields({
    policy: oneOf("contig-zones", "auto-movable"),
    ratio: number,
    numaAware: flag,
    memmapOnMemory: oneOf("N", "Y", "force"),
  }),
  autoOnline: oneOf(...defaultOnlineTypes),
  injection: orNull(
    fields({
      priority: number,
      errors: fields({ MEM_GOING_ONLINE: anything, MEM_GOING_OFFLINE: anything }),
      after: optional(number),
    }),
  ),
  notifiers: list(fields({ name: text, priority: number })),
  acpi: fields({
    methods: list(tuple(text, record)),
    devices: list(
      fields({ path: text, kind: oneOf("memory", "container"), life: record, blocks: optional(boundBlocks) }),
    ),
    profiles: list(tuple(text, flag)),
    forceRemove: flag,
  }),
  groups: number,
  devices: record,
  monitor: fields({
    backends: list(
      fields({
        id: text,
        sizeBytes: (value, where) => {
          if (typeof value !== "string" || !/^\d{1,20}$/.test(value)) throw expected("a decimal number", where);
        },
      }),
    ),
    anonymousDevices: number,
  }),
  loads: list(load),
  faults: optional(fields({ draws: number, files: fields({ rows: list(fileFault), next: number }) })),
  written: fields({ dropCaches: number, autoprobe: record }),
});

/** @throws ImageError for the first part that is not what it should be: where, and what is expected. */
export function assertShape(value: unknown): MachineImage {
  image(value, "");
  return value as MachineImage;
}
