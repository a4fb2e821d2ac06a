import { done, type Refusal, refused, type Result } from "@memhp/abi";
import {
  type Acpi,
  type AcpiDeviceDescription,
  type AcpiOptions,
  type AcpiPorts,
  type BusDevice,
  createAcpi,
  type MemoryRange,
  STA_DEFAULT,
} from "@memhp/acpi";
import { type Kernel, kernelOf, withConfig } from "../../../tools/conformance/src/kernels.ts";

export const BLOCK = 2 ** 27;
/** First block above 4 GiB. */
export const HIGH = 32;

export function refusal(errno: Refusal["errno"], code: Refusal["code"] = "unmovable_page"): Refusal {
  return { errno, code, rule: "fake kernel", retry: "maybe", remedy: [] };
}

/** A kernel of blocks without pages: which exist, which are online, and what the test forbids. */
class FakeKernel {
  readonly blocks: Map<number, "online" | "offline"> = new Map();
  readonly nodes: Map<number, number> = new Map();
  /** Everything that was asked of kernel and firmware, in order. */
  readonly journal: string[] = [];
  readonly logged: string[] = [];
  readonly osts: { path: string; source: number; status: number }[] = [];
  /** Blocks that refuse to go offline; a number counts how often they still do. */
  readonly busy: Map<number, number> = new Map();
  /** Ranges that add_memory refuses, by start. */
  readonly refusesAdd: Map<number, Refusal> = new Map();
  readonly refusesBind: Set<number> = new Set();
  readonly groups: Map<number, number> = new Map();
  ejectFails = false;
  #nextGroup = 0;

  addBoot(block: number): void {
    this.blocks.set(block, "online");
  }

  online(block: number): void {
    this.blocks.set(block, "online");
  }

  blocksOf({ start, size }: MemoryRange): number[] {
    const ids = [];
    for (let id = Math.floor(start / BLOCK); id * BLOCK < start + size; id++) if (this.blocks.has(id)) ids.push(id);
    return ids;
  }

  ports(kernel: Kernel): AcpiPorts {
    return {
      kernel,
      memory: {
        addMemory: async (range, { node, group }) => {
          const forbidden = this.refusesAdd.get(range.start);
          this.journal.push(`add ${range.start / BLOCK}+${range.size / BLOCK} node ${node} group ${group}`);
          if (forbidden !== undefined) return refused(forbidden);
          if (this.blocksOf(range).length > 0) return refused(refusal("EEXIST", "overlap"));
          for (let id = range.start / BLOCK; id < (range.start + range.size) / BLOCK; id++) {
            this.blocks.set(id, "offline");
            this.nodes.set(id, node);
            this.journal.push(`add@memory${id}`);
          }
          return done(undefined);
        },
        removeMemory: async (range) => {
          const blocks = this.blocksOf(range);
          if (blocks.some((id) => this.blocks.get(id) === "online")) return refused(refusal("EBUSY"));
          for (const id of blocks) {
            this.blocks.delete(id);
            this.journal.push(`remove@memory${id}`);
          }
          return done(undefined);
        },
        registerGroup: (_node, sizeBytes) => {
          this.groups.set(this.#nextGroup, sizeBytes);
          return this.#nextGroup++;
        },
        unregisterGroup: (group) => void this.groups.delete(group),
        blocksOf: (range) => this.blocksOf(range),
        bindBlocks: (blocks) =>
          blocks.some((block) => this.refusesBind.has(block)) ? refused(refusal("ENOMEM")) : done(undefined),
        unbindBlocks: () => {},
        isBlockOffline: (block) => this.blocks.get(block) !== "online",
        offlineBlock: async (block) => this.#offline(block),
        onlineBlock: async (block) => {
          this.blocks.set(block, "online");
          this.journal.push(`online@memory${block}`);
          return done(true);
        },
        nodeOfProximity: (pxm) => (pxm < 8 ? pxm : undefined),
        nodeOfAddress: () => 0,
      },
      firmware: {
        ost: (path, source, status) => {
          this.osts.push({ path, source, status });
          this.journal.push(`ost 0x${source.toString(16)} 0x${status.toString(16)}`);
        },
      },
      uevent: (action, devpath, _subsystem, env) => {
        const variables = Object.entries(env ?? {}).map(([key, value]) => ` ${key}=${value}`);
        this.journal.push(`${action}@${devpath.split("/").at(-1) ?? ""}${variables.join("")}`);
      },
      log: (text) => void this.logged.push(text),
    };
  }

  #offline(block: number): Result<boolean> {
    if (this.blocks.get(block) === "offline") return done(false);
    const left = this.busy.get(block) ?? 0;
    if (left > 0) {
      this.busy.set(block, left - 1);
      this.journal.push(`busy memory${block}`);
      return refused({ ...refusal("EBUSY"), block });
    }
    this.blocks.set(block, "offline");
    this.journal.push(`offline@memory${block}`);
    return done(true);
  }

  /** What happened since the last call. */
  since(): string[] {
    return this.journal.splice(0);
  }
}

/** A filled memory device of some blocks. */
export function memoryDevice(
  name: string,
  first: number,
  count: number,
  more: Partial<AcpiDeviceDescription> = {},
): AcpiDeviceDescription {
  return {
    name,
    _HID: "PNP0C80",
    _STA: STA_DEFAULT,
    _CRS: [{ type: "memory", start: first * BLOCK, size: count * BLOCK }],
    _EJ0: true,
    _OST: true,
    ...more,
  };
}

export function emptySlot(name: string): AcpiDeviceDescription {
  return { name, _HID: "PNP0C80", _STA: 0, _CRS: [], _EJ0: true, _OST: true };
}

export interface Bench {
  readonly kernel: FakeKernel;
  readonly acpi: Acpi;
  /** Fills a slot as a machine does and notifies a device check. */
  readonly insert: (path: string, first: number, count: number) => Promise<void>;
  readonly state: (path: string) => string;
}

export function bench(
  kernelId: string,
  devices: readonly AcpiDeviceDescription[],
  { config = {}, ...options }: Partial<AcpiOptions> & { readonly config?: Parameters<typeof withConfig>[1] } = {},
): Bench {
  const kernel = new FakeKernel();
  const acpi = createAcpi({
    namespace: { devices },
    ports: kernel.ports(withConfig(kernelOf(kernelId), config)),
    ...options,
  });
  return {
    kernel,
    acpi,
    async insert(path, first, count) {
      acpi.namespace.set(path, {
        _STA: STA_DEFAULT,
        _CRS: [{ type: "memory", start: first * BLOCK, size: count * BLOCK }],
      });
      await acpi.notify(path, 1);
    },
    state: (path) => stateOf(acpi.device(path)),
  };
}

export function stateOf(device: BusDevice | undefined): string {
  return device === undefined || device.kind === "plain" ? "plain" : device.life.state;
}

export const kernels = ["4.1", "6.1", "6.12"] as const;
