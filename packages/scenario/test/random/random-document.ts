import { Prng } from "@memhp/engine";

type Step = Record<string, unknown>;

/** Draws of a seed. */
class Draw {
  readonly #prng: Prng;
  constructor(seed: number) {
    this.#prng = new Prng(seed);
  }
  below(n: number): number {
    return Math.floor(this.#prng.next() * n);
  }
  chance(p: number): boolean {
    return this.#prng.next() < p;
  }
  of<T>(list: readonly T[]): T {
    return list.at(this.below(list.length)) as T;
  }
}

const words = ["online", "online_kernel", "online_movable", "offline", "offline", "offline", "onlin"];
const kinds = "anon file shm mlock thp hugetlb pagetable pipe slab dentry kernel balloon secret pinned".split(" ");
const cmdlines = [
  "",
  "memhp_default_state=online_movable",
  "memhp_default_state=online",
  "memory_hotplug.memmap_on_memory=1",
  "memory_hotplug.online_policy=auto-movable memory_hotplug.auto_movable_ratio=301",
  "movable_node",
];

export interface RandomDocument {
  readonly steps: readonly Step[];
  readonly [field: string]: unknown;
}

/** A random machine and what happens to it: much of it in the background, ejects that are not waited for, signals. */
export function randomDocument(seed: number): RandomDocument {
  const draw = new Draw(seed);
  const nodes = Array.from({ length: 1 + draw.below(4) }, (_, nodeid) => ({
    nodeid,
    mem: nodeid === 0 ? "512M" : draw.of(["0M", "256M", "512M"]),
    cpus: String(nodeid),
  }));
  const memoryMib = nodes.reduce((sum, { mem }) => sum + Number.parseInt(mem, 10), 0);
  const containers = draw.chance(0.3)
    ? [{ id: "c0", node: draw.below(nodes.length), present: draw.chance(0.5), memory: [{ id: "c0m0", size: "256M" }] }]
    : [];
  const coldDimm = draw.chance(0.3);
  return {
    format: "memhp-scenario/1",
    name: `random ${seed}`,
    kernel: draw.of(["4.1", "4.1-nomn", "6.1", "6.12"]),
    seed,
    machine: {
      machine: draw.of(["pc", "q35"]),
      memory: `${memoryMib}M`,
      slots: 8,
      maxmem: `${memoryMib + 4096}M`,
      smp: nodes.length,
      nodes,
      cmdline: draw.of(cmdlines),
      ...(containers.length === 0 ? {} : { containers }),
      ...(coldDimm
        ? {
            extra: [
              "-object",
              "memory-backend-ram,id=mem-k0,size=256M",
              "-device",
              "pc-dimm,id=k0,memdev=mem-k0,node=0",
            ],
          }
        : {}),
    },
    steps: new Story(draw, nodes.length, containers.length > 0, coldDimm).steps(6 + draw.below(16)),
  };
}

class Story {
  readonly #draw: Draw;
  readonly #nodes: number;
  readonly #hasContainer: boolean;
  readonly #dimms: string[];
  readonly #loads: string[] = [];
  #count = 0;

  constructor(draw: Draw, nodes: number, hasContainer: boolean, coldDimm: boolean) {
    this.#draw = draw;
    this.#nodes = nodes;
    this.#hasContainer = hasContainer;
    this.#dimms = coldDimm ? ["k0"] : [];
  }

  steps(count: number): Step[] {
    const steps: Step[] = [this.#dimmAdd()];
    while (steps.length < count) steps.push(this.#step());
    return [
      ...steps,
      { op: "read", path: "/proc/zoneinfo" },
      { op: "read", path: "/proc/pagetypeinfo" },
      { op: "state" },
    ];
  }

  #step(): Step {
    const draw = this.#draw;
    const makers: readonly (() => Step)[] = [
      () => this.#block(),
      () => this.#block(),
      () => this.#block(),
      () => this.#dimmAdd(),
      () => this.#dimmDel(),
      () => this.#dimmDel(),
      () => this.#load(),
      () => this.#load(),
      () => this.#endOfLoad(),
      () => ({ op: "wait", ms: draw.of([0, 1, 2, 150, 3000]) }),
      () => this.#bulk(),
      () => this.#bulk(),
      () => this.#container(),
      () => this.#write(),
      () => ({
        op: "inject",
        action: draw.of(["MEM_GOING_ONLINE", "MEM_GOING_OFFLINE"]),
        errno: draw.of([0, "EBUSY"]),
      }),
      () => ({ op: "read", path: draw.of(["/proc/meminfo", "/proc/buddyinfo", "/proc/zoneinfo"]) }),
    ];
    return draw.of(makers)();
  }

  #dimmAdd(): Step {
    const id = `d${this.#count++}`;
    this.#dimms.push(id);
    return {
      op: "dimm_add",
      id,
      size: this.#draw.of(["128M", "256M", "256M", "512M"]),
      node: this.#draw.below(this.#nodes),
    };
  }

  #dimmDel(): Step {
    const wait = this.#draw.of([0, 0, 1, 5, 60, undefined]);
    return {
      op: "dimm_del",
      id: this.#draw.of(this.#dimms.length > 0 ? this.#dimms : ["none"]),
      ...(wait === undefined ? {} : { wait }),
    };
  }

  #block(): Step {
    const draw = this.#draw;
    const dimm = this.#dimms.at(-1);
    const n =
      dimm === undefined || draw.chance(0.3)
        ? String(draw.below(6))
        : `\${${draw.of(this.#dimms)}.${draw.of(["first", "last"])}}`;
    const way = draw.below(4);
    if (way === 0) return { op: "block", n, v: draw.of(words), background: `b${this.#count++}` };
    if (way === 1) return { op: "block", n, v: "offline", background: `b${this.#count++}` };
    return { op: "block", n, v: draw.of(words), ...(way === 2 ? { timeout_ms: draw.of([1, 1000, 200_000]) } : {}) };
  }

  #bulk(): Step {
    const draw = this.#draw;
    const blocks = draw.of(["online", "offline", "all", "movable", "normal", `node:${draw.below(this.#nodes)}`]);
    return draw.chance(0.5)
      ? { op: "offline", blocks }
      : { op: "online", blocks, type: draw.of(["online", "kernel", "movable"]) };
  }

  #load(): Step {
    const draw = this.#draw;
    const id = `l${this.#count++}`;
    this.#loads.push(id);
    const kind = draw.of(kinds);
    return {
      op: "load",
      id,
      kind,
      size: draw.of(["64K", "1M", "16M", "64M", "200M"]),
      ...(draw.chance(0.5) ? { node: draw.below(this.#nodes), policy: draw.of(["bind", "prefer"]) } : {}),
      ...(draw.chance(0.3) ? { churn: draw.of([0.2, 1, { fraction: 0.3, every: 0.05 }]) } : {}),
      ...(draw.chance(0.3) ? { for: draw.of([0.01, 0.1, 1, 30]) } : {}),
      ...(kind === "pinned" ? { pin: draw.of(["short", "long"]) } : {}),
    };
  }

  /** A signal, an unpin or an end of something that may be over by then: that ends the run with an error, which is an answer too. */
  #endOfLoad(): Step {
    const draw = this.#draw;
    if (this.#loads.length === 0) return { op: "wait", ms: 1 };
    return { op: draw.of(["unload", "unpin"]), id: draw.of(this.#loads) };
  }

  #container(): Step {
    if (!this.#hasContainer) return this.#block();
    return { op: "container", id: "c0", action: this.#draw.of(["add", "eject", "offline", "online"]) };
  }

  #write(): Step {
    const draw = this.#draw;
    const dimm = draw.of(this.#dimms.length > 0 ? this.#dimms : ["none"]);
    return draw.of<Step>([
      { op: "write", path: "/proc/sys/vm/drop_caches", data: "3" },
      { op: "write", path: "/proc/sys/vm/nr_hugepages", data: String(draw.below(40)) },
      { op: "write", path: "auto_online_blocks", data: draw.of(["online", "offline", "online_movable"]) },
      { op: "write", path: "/sys/bus/acpi/devices/PNP0C80:00/eject", data: "1" },
      { op: "write", path: "soft_offline_page", data: `\${${dimm}.addr}` },
      { op: "signal", to: `b${draw.below(Math.max(1, this.#count))}` },
    ]);
  }
}
