import type { Architecture, ConfigSetting, KernelConfig } from "@memhp/abi";
import type { AcpiRules } from "@memhp/acpi";
import type { BootRules, HotplugRules, MemoryDriverRules, PageRules, WatermarkRules, ZoneRules } from "@memhp/engine";
import type { NotifierRules } from "@memhp/notifier";
import type { FlagReading, KernelText, SysfsRules } from "@memhp/sysfs";
import type { AddRules } from "./add-rules.ts";
import type { CaptureRules } from "./capture-rules.ts";
import type { CounterRules } from "./counter-rules.ts";
import type { KconfigSwitch } from "./kconfig/kconfig-switch.ts";
import type { MachineRules } from "./machine-rules.ts";
import type { RecorderRules } from "./recorder-rules.ts";

/** One of several builds of a kernel; a document names it by kernel, flavour and the machine's architecture. */
export interface KernelBuild {
  /** What scenarios call the kernel: `6.12`. */
  readonly of: string;
  readonly flavour: string;
  /** Id of the platform that it runs on. */
  readonly platform: string;
  /** Constants of the architecture that this build has otherwise: page size and what follows from it, sections, zones. */
  readonly arch?: Partial<Architecture>;
}

/** Where a kernel that nobody has recorded comes from: the sections that it does not name are those of another kernel, as that one has them. */
export interface KernelSource {
  /** The release whose source was read. */
  readonly release: string;
  /** Id of the kernel that it is like where its source says nothing else. */
  readonly like: string;
  /** What differs, by section: which fact or file says so. */
  readonly differs: Readonly<Partial<Record<KernelSection, string>>>;
}

/** A section of a kernel: what one room asks of it. */
export type KernelSection = Exclude<
  keyof Kernel,
  "id" | "title" | "version" | "about" | "build" | "recordedRuns" | "source"
>;

/**
 * One kernel as a value: plain data, a section for each room that asks something of it. Rooms below this package declare their
 * own sections; those of the machine and the scenarios, which stand above it, are declared here.
 */
export interface Kernel {
  /** What scenarios and the command line call it: `6.12`. */
  readonly id: string;
  /** The same for people: `4.1 without MOVABLE_NODE`. */
  readonly title: string;
  readonly version: { readonly major: number; readonly minor: number };
  /** Which build it is. */
  readonly about: string;
  /** Where it is a build for another platform than x86_64: which, and what documents call it. */
  readonly build?: KernelBuild;
  /** Recorded runs of this kernel that the tests replay, at least: 0 for one that rests on its source alone. */
  readonly recordedRuns: number;
  /** Steps of those runs whose answers are compared, at least. */
  readonly recordedSteps: number;
  /** From source, not recorded: nothing of it is proved by a run. */
  readonly source?: KernelSource;
  readonly config: KernelConfig;
  /** The switches that can be set, with what each needs: see `withConfig`. */
  readonly kconfig: readonly KconfigSwitch[];
  /** Switches that differ from the build that `about` names; absent where none does. */
  readonly configured?: ConfigSetting;
  readonly capture: CaptureRules;
  readonly boot: BootRules;
  readonly zones: ZoneRules;
  readonly pages: PageRules;
  readonly notifier: NotifierRules;
  readonly hotplug: HotplugRules;
  readonly acpi: AcpiRules;
  readonly sysfs: SysfsRules;
  readonly text: KernelText;
  readonly pageFlags: FlagReading;
  readonly counters: CounterRules;
  readonly watermarks: WatermarkRules;
  readonly add: AddRules;
  readonly machine: MachineRules;
  /** Drivers of memory devices that it has as modules. */
  readonly drivers?: MemoryDriverRules;
  readonly recorder: RecorderRules;
}
