/** Who ships rules that online memory. Debian and systemd ship none. */
export type Distribution = "rhel7" | "rhel8" | "suse" | "ubuntu" | "nixos";

/**
 * What distributions ship to online memory, in our own words (facts/peer-programs.md §5): the same keys decide, the texts are not theirs.
 */
export const distributionRules: Readonly<
  Record<Distribution, { readonly about: string; readonly file: string; readonly text: string }>
> = {
  rhel7: {
    about: "RHEL 7: online what is offline, but not on s390",
    file: "40-redhat.rules",
    text: `SUBSYSTEM!="memory", GOTO="memory_end"
ACTION!="add", GOTO="memory_end"
PROGRAM=="/bin/uname -p", RESULT=="s390*", GOTO="memory_end"
ATTR{state}=="offline", ATTR{state}="online"
LABEL="memory_end"
`,
  },
  rhel8: {
    about: "RHEL 8: movable on bare metal, nothing on s390 and ppc64, nothing where auto_online_blocks is offline",
    file: "40-redhat.rules",
    text: `SUBSYSTEM!="memory", GOTO="memory_end"
ACTION!="add", GOTO="memory_end"
CONST{arch}=="s390*", GOTO="memory_end"
CONST{arch}=="ppc64*", GOTO="memory_end"
ATTRS{auto_online_blocks}=="offline", GOTO="memory_end"
ENV{.word}="online"
CONST{virt}=="none", ENV{.word}="online_movable"
ATTR{state}=="offline", ATTR{state}="$env{.word}"
LABEL="memory_end"
`,
  },
  suse: {
    about: "SUSE: online what is offline, but not under z/VM, and tell tmpfs that memory has grown",
    file: "80-hotplug-cpu-mem.rules",
    text: `SUBSYSTEM!="memory", GOTO="memory_end"
ACTION!="add", GOTO="memory_end"
CONST{virt}=="zvm", GOTO="memory_end"
ATTR{state}=="offline", ATTR{state}="online", RUN+="remount-every-tmpfs"
LABEL="memory_end"
`,
  },
  ubuntu: {
    about: "Ubuntu: on Hyper-V and Xen only, and without a look at the state",
    file: "40-vm-hotadd.rules",
    text: `ACTION!="add", GOTO="hotadd_end"
SUBSYSTEM!="memory", GOTO="hotadd_end"
CONST{virt}=="microsoft|xen", GOTO="hotadd_apply"
GOTO="hotadd_end"
LABEL="hotadd_apply"
DEVPATH=="/devices/system/memory/memory[0-9]*", TEST=="state", ATTR{state}="online"
LABEL="hotadd_end"
`,
  },
  nixos: {
    about: "NixOS on Hyper-V: online every block that has a state",
    file: "99-hyperv-cpu-and-memory-hotadd.rules",
    text: `ACTION=="add", SUBSYSTEM=="memory", DEVPATH=="/devices/system/memory/memory[0-9]*", TEST=="state", ATTR{state}="online"
`,
  },
};
