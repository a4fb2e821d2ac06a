// What a package does, in boxes and arrows: the picture at the top of its README. Boxes are named as in the package.

/** A picture: boxes with a line of text, and who gives what to whom. */
export interface Flow {
  /** What a reader who does not see it is told. */
  readonly alt: string;
  readonly boxes: Readonly<Record<string, string>>;
  readonly arrows: readonly (readonly [from: string, what: string, to: string])[];
}

/** By package; the first box is where one begins. */
export const flows: Readonly<Record<string, Flow>> = {
  abi: {
    alt: "A request ends in a value or in a refusal, and both are told by the event stream",
    boxes: {
      request: "online block 40",
      Result: "ok or not",
      value: "what was done",
      Refusal: "errno, code, rule, pages, retry, remedy",
      SimEvent: "atNs, node, seq",
    },
    arrows: [
      ["request", "answers", "Result"],
      ["Result", "ok", "value"],
      ["Result", "not ok", "Refusal"],
      ["value", "told by", "SimEvent"],
      ["Refusal", "told by", "SimEvent"],
    ],
  },
  capture: {
    alt: "A host's files become page runs; each block is judged by the kernel's rules, or the host becomes a machine",
    boxes: {
      host: "files of /proc and /sys",
      archive: "tar, or a directory",
      Host: "blocks, zones, page runs",
      judgeBlocks: "an answer for each block",
      planHostOffline: "which blocks, in which order",
      hostImage: "a machine that starts from it",
    },
    arrows: [
      ["host", "captureHost", "archive"],
      ["archive", "readHost", "Host"],
      ["Host", "its kernel's rules", "judgeBlocks"],
      ["judgeBlocks", "a goal", "planHostOffline"],
      ["Host", "hostImage", "hostImage"],
    ],
  },
  engine: {
    alt: "From a memory map to zones, pages, isolation, migration and the block that is offline",
    boxes: {
      MemoryMap: "nodes, blocks, zones",
      PageStore: "a node's pages, as runs",
      isolated: "no page can be taken any more",
      migrated: "what can move lies elsewhere",
      refused: "a Refusal with the pages in the way",
      offline: "the block's pages are nobody's",
    },
    arrows: [
      ["MemoryMap", "populate", "PageStore"],
      ["PageStore", "isolateBlock", "isolated"],
      ["PageStore", "unmovable page", "refused"],
      ["isolated", "migrateChunk", "migrated"],
      ["migrated", "refuseUnlessIsolated", "offline"],
    ],
  },
  hotplug: {
    alt: "A request goes to the block's statechart, whose steps ask engine and notifier chain; the answer comes with events",
    boxes: {
      request: "online, offline, add, remove",
      block: "statechart of @memhp/block",
      zones: "@memhp/engine",
      chain: "@memhp/notifier",
      answer: "changed, unchanged or a refusal",
      events: "in the order of (time, node, sequence)",
    },
    arrows: [
      ["request", "run", "block"],
      ["block", "choose, populate, isolate, migrate", "zones"],
      ["block", "MEM_GOING_…", "chain"],
      ["chain", "veto or not", "answer"],
      ["zones", "done or not", "answer"],
      ["answer", "told by", "events"],
    ],
  },
  inspect: {
    alt: "Sources in workers send batches to one hub, which shows all actors to the XState inspector",
    boxes: {
      actors: "XState actors of a thread",
      source: "counts, chooses, batches",
      hub: "one order for all threads",
      inspector: "@statelyai/inspect, or a sink of your own",
    },
    arrows: [
      ["actors", "inspect", "source"],
      ["source", "MessagePort", "hub"],
      ["hub", "what is looked at", "inspector"],
      ["inspector", "choose", "source"],
    ],
  },
  kernels: {
    alt: "A kernel is a folder with one section for each package that asks it",
    boxes: {
      kernelOf: "a release: 4.1, 6.12",
      Kernel: "rules as data, each with its fact",
      pages: "@memhp/engine",
      acpi: "@memhp/acpi",
      notifier: "@memhp/notifier",
      sysfs: "@memhp/sysfs",
    },
    arrows: [
      ["kernelOf", "answers", "Kernel"],
      ["Kernel", "page rules", "pages"],
      ["Kernel", "scan, _OST", "acpi"],
      ["Kernel", "chain", "notifier"],
      ["Kernel", "texts, files", "sysfs"],
    ],
  },
  machine: {
    alt: "A specification boots to an image, an image starts to a machine, and a machine can be written down again",
    boxes: {
      MachineSpec: "memory, nodes, slots",
      MachineImage: "plain data",
      Machine: "/sys, /proc, devices, monitor, time",
      workers: "NUMA nodes in threads",
      events: "one ordered stream",
    },
    arrows: [
      ["MachineSpec", "boot", "MachineImage"],
      ["MachineImage", "start", "Machine"],
      ["Machine", "snapshot", "MachineImage"],
      ["Machine", "Comlink", "workers"],
      ["Machine", "listen", "events"],
    ],
  },
  mount: {
    alt: "A program opens a file, the real kernel asks memhp by FUSE, and the simulated machine answers",
    boxes: {
      program: "lsmem, chmem, an agent",
      Linux: "of this computer",
      serveFiles: "answers /dev/fuse",
      Machine: "simulated /sys and /proc",
    },
    arrows: [
      ["program", "open, read, write", "Linux"],
      ["Linux", "FUSE request", "serveFiles"],
      ["serveFiles", "files.write", "Machine"],
      ["Machine", "bytes or errno", "program"],
    ],
  },
  notifier: {
    alt: "A chain calls its callbacks by priority until one stops the walk",
    boxes: {
      call: "MEM_GOING_OFFLINE",
      early: "priority 1000",
      injector: "priority 0",
      late: "priority -1000",
      go: "ok",
      refused: "errno, vetoedBy, refusal",
    },
    arrows: [
      ["call", "first", "early"],
      ["early", "NOTIFY_OK", "injector"],
      ["injector", "NOTIFY_OK", "late"],
      ["injector", "an errno", "refused"],
      ["late", "NOTIFY_OK", "go"],
    ],
  },
  platforms: {
    alt: "A platform says what a board is made of; boot lays memory out by it",
    boxes: {
      platformOf: "pc, q35, virt, pseries, s390x",
      Platform: "pages, sections, blocks, zone limits",
      firmware: "memory map, ACPI or DLPAR",
      window: "room for memory devices",
    },
    arrows: [
      ["platformOf", "answers", "Platform"],
      ["Platform", "lays out", "firmware"],
      ["Platform", "leaves", "window"],
    ],
  },
  qmp: {
    alt: "Bytes of a client become commands, commands ask a port, and events go to all clients",
    boxes: {
      client: "QMP in JSON, any pieces",
      session: "QEMU's parser, texts and limits",
      dispatcher: "one for all clients",
      QmpPort: "a machine, or your own",
    },
    arrows: [
      ["client", "receive", "session"],
      ["session", "device_add", "dispatcher"],
      ["dispatcher", "deviceAdd", "QmpPort"],
      ["QmpPort", "return or refusal", "client"],
      ["QmpPort", "ACPI_DEVICE_OST", "client"],
    ],
  },
  recorded: {
    alt: "A kernel trace is run on memhp with its recorded answers ignored, and both are compared step by step",
    boxes: {
      trace: "what a real kernel did",
      fitting: "how that guest had booted",
      run: "the same steps on memhp",
      comparison: "matched, or different with the place",
    },
    arrows: [
      ["trace", "its machine", "fitting"],
      ["fitting", "runRecorded", "run"],
      ["trace", "compare", "comparison"],
      ["run", "compare", "comparison"],
    ],
  },
  scenario: {
    alt: "A file becomes a document, its steps are carried out on a machine, and a trace tells each with its refusal",
    boxes: {
      file: "YAML, JSON or a kernel trace",
      document: "checked, with places",
      steps: "operations on a Target",
      trace: "result, events, refusal",
      expect: "met or not",
    },
    arrows: [
      ["file", "parseDocument", "document"],
      ["document", "runDocument", "steps"],
      ["steps", "told as", "trace"],
      ["trace", "compared with", "expect"],
    ],
  },
  shards: {
    alt: "Requests go to the shard that owns the node; shards advance side by side and settle in rounds",
    boxes: {
      ShardSet: "who owns which node; a replica for reads",
      shard0: "nodes 0 and 2",
      shard1: "nodes 1 and 3",
      TargetAllocator: "plans a round from counters",
      MachineClock: "order by (time, node, sequence)",
    },
    arrows: [
      ["ShardSet", "of node 0", "shard0"],
      ["ShardSet", "of node 1", "shard1"],
      ["shard0", "demands", "TargetAllocator"],
      ["shard1", "demands", "TargetAllocator"],
      ["TargetAllocator", "one message each", "MachineClock"],
    ],
  },
  shell: {
    alt: "A line goes to a command, a command acts on the machine or reads its files, and what a program would print is printed",
    boxes: {
      line: "echo offline > memory2/state",
      Prompt: "finds the command, completes names",
      command: "cat, lsmem, chmem, step, load",
      Machine: "files, devices, time",
      text: "byte for byte as util-linux",
    },
    arrows: [
      ["line", "prompt.line", "Prompt"],
      ["Prompt", "runs", "command"],
      ["command", "acts on", "Machine"],
      ["Machine", "bytes or errno", "text"],
    ],
  },
  sweep: {
    alt: "A sweep file becomes runs, runs go to processes of this computer or over Redis, results become a summary, a table or a chart",
    boxes: {
      sweep: "parameters, seeds, measures",
      runs: "plain values",
      workers: "processes, or computers over Redis",
      results: "JSON Lines, CSV, Parquet",
      summary: "means, quantiles, extremes, charts",
    },
    arrows: [
      ["sweep", "parseSweep", "runs"],
      ["runs", "runSweep", "workers"],
      ["workers", "in order", "results"],
      ["results", "summarise", "summary"],
    ],
  },
  sysfs: {
    alt: "A path is found in the tree, the word is parsed, and the kernel port decides",
    boxes: {
      write: "online_movable to memory40/state",
      Tree: "files of one kernel",
      attribute: "parses the word",
      KernelPort: "a machine, or stubKernel",
      answer: "bytes taken, or errno and refusal",
    },
    arrows: [
      ["write", "path", "Tree"],
      ["Tree", "text", "attribute"],
      ["attribute", "online(40, movable)", "KernelPort"],
      ["attribute", "bad word", "answer"],
      ["KernelPort", "Result", "answer"],
    ],
  },
  udev: {
    alt: "A uevent goes through the pool of workers and the rules, and a rule writes to a file",
    boxes: {
      uevent: "add@/devices/system/memory/memory40",
      WorkerPool: "udevd's workers",
      rules: "parseRules, distributionRules",
      write: "online_movable > state",
      whoOnlined: "which of all who might",
    },
    arrows: [
      ["uevent", "listen", "WorkerPool"],
      ["WorkerPool", "runRules", "rules"],
      ["rules", "ATTR", "write"],
      ["write", "told by the stream", "whoOnlined"],
    ],
  },
};
