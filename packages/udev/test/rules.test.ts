import { expect, describe, test } from "vitest";
import {
  distributionRules,
  matchesGlob,
  parseRules,
  RulesError,
  runRules,
  type UdevPort,
  type Uevent,
} from "../src/index.ts";

const MEMORY = "/devices/system/memory";

/** A system of one block, which remembers what is written. */
function system(files: Readonly<Record<string, string>> = {}, about: Partial<UdevPort> = {}) {
  const all: Record<string, string> = {
    [`/sys${MEMORY}/memory32/state`]: "offline\n",
    [`/sys${MEMORY}/memory32/uevent`]: "",
    [`/sys${MEMORY}/uevent`]: "",
    [`/sys${MEMORY}/auto_online_blocks`]: "online\n",
    ...files,
  };
  const written: string[] = [];
  const port: UdevPort = {
    read: (path) => all[path],
    exists: (path) => Object.hasOwn(all, path),
    write(path, value) {
      written.push(`${path.replace(`/sys${MEMORY}/`, "")} ${value}`);
      return Promise.resolve({ ok: true, value: undefined });
    },
    program: (command) => (command === "/bin/uname -p" ? { status: 0, stdout: "x86_64\n" } : undefined),
    constant: (name) => ({ arch: "x86-64", virt: "kvm" })[name],
    commandLine: "root=/dev/vda quiet memhp_default_state=offline",
    ...about,
  };
  return { port, written };
}

const added: Uevent = {
  action: "add",
  devpath: `${MEMORY}/memory32`,
  subsystem: "memory",
  seqnum: 7,
  atNs: 0,
  env: {},
};

async function writes(text: string, { port, written } = system(), event = added): Promise<readonly string[]> {
  await runRules([parseRules(text, "t.rules")], event, port);
  return written;
}

describe("keys", () => {
  test.each([
    [`SUBSYSTEM=="memory"`, true],
    [`SUBSYSTEM=="mem*", KERNEL=="memory[0-9]*", ACTION=="add|change"`, true],
    [`SUBSYSTEM!="memory"`, false],
    [`KERNEL!="memory?"`, true],
    [`DEVPATH=="/devices/system/memory/memory[!0-9]*"`, false],
    [`ATTR{state}=="offline"`, true],
    [`ATTR{state}=="offline "`, false],
    [`ATTR{nothing}!="x"`, false],
    [`ATTRS{auto_online_blocks}=="online"`, true],
    [`ATTRS{state}=="offline", ATTRS{auto_online_blocks}=="online"`, false],
    [`KERNELS=="memory", ATTRS{auto_online_blocks}=="online"`, true],
    [`TEST=="state"`, true],
    [`TEST=="/sys/devices/system/memory/memory33/state"`, false],
    [`TEST!="phys_index"`, true],
    [`PROGRAM=="/bin/uname -p", RESULT=="x86*"`, true],
    [`PROGRAM=="/bin/nothing"`, false],
    [`CONST{virt}=="none"`, false],
    [`CONST{arch}=="x86-64"`, true],
    [`IMPORT{cmdline}=="memhp_default_state", ENV{memhp_default_state}=="offline"`, true],
    [`IMPORT{cmdline}=="quiet", ENV{quiet}=="1"`, true],
    [`IMPORT{cmdline}!="debug"`, true],
    [`ENV{SEQNUM}=="7"`, true],
  ])("%s is %s", async (rule, isMatched) => {
    expect(await writes(`${rule}, ATTR{state}="x"`)).toEqual(isMatched ? ["memory32/state x"] : []);
  });

  test("GOTO goes on behind its label, and variables are put in", async () => {
    const text = `ACTION=="add", GOTO="there"
ATTR{state}="never"
LABEL="there"
ENV{A}="one", ENV{A}+="two"
ATTR{state}="%k %n $kernel $attr{state} $env{A} 100%% $$"
`;
    expect(await writes(text)).toEqual(["memory32/state memory32 32 memory32 offline one two 100% $"]);
  });

  test("GOTO carries out the rule of its label, the first of that name below", async () => {
    const text = `KERNEL=="memory32", GOTO="there"
ATTR{state}="never"
LABEL="there", ACTION=="add", ATTR{state}="one"
ATTR{state}="two"
LABEL="there"
`;
    expect(await writes(text)).toEqual(["memory32/state one", "memory32/state two"]);
  });

  test("RUN is told in order, what has no effect is told too", async () => {
    const { port } = system();
    const text = `RUN+="first", RUN+="second $kernel", TAG+="systemd", \\\n  MODE="0600"`;
    const { programs, ignored } = await runRules([parseRules(text, "t.rules")], added, port);
    expect(programs).toEqual(["first", "second memory32"]);
    expect(ignored).toEqual(["t.rules:1: TAG", "t.rules:1: MODE"]);
  });
});

describe("mistakes are named with file and line", () => {
  test.each([
    [`\n# comment\nKERNAL=="x"`, "t.rules:3: key KERNAL is not known (allowed: ACTION, "],
    [`ATTR=="x"`, "t.rules:1: ATTR wants {a name}"],
    [`ACTION="add"`, "t.rules:1: ACTION= makes no sense"],
    [`ACTION=="add`, 't.rules:1: expected KEY=="value", found ACTION=="add'],
    [`GOTO="up"`, 't.rules:1: GOTO="up": no such label below'],
    [`LABEL="up"\nGOTO="up"`, 't.rules:2: GOTO="up": no such label below'],
    [`IMPORT{db}="x"`, "t.rules:1: IMPORT{db} is not carried out (allowed: cmdline, program)"],
  ])("%j", (text, message) => {
    expect(() => parseRules(text, "t.rules")).toThrow(RulesError);
    expect(() => parseRules(text, "t.rules")).toThrow(message);
  });
});

describe("what distributions ship (facts/peer-programs.md §5)", () => {
  const state = `/sys${MEMORY}/memory32/state`;
  const auto = `/sys${MEMORY}/auto_online_blocks`;
  const virt = (name: string): Partial<UdevPort> => ({ constant: (key) => (key === "virt" ? name : "x86-64") });
  const arch = (name: string): Partial<UdevPort> => ({
    constant: (key) => (key === "arch" ? name : "none"),
    program: () => ({ status: 0, stdout: `${name}\n` }),
  });

  test.each([
    ["rhel7", {}, {}, "online"],
    ["rhel7", {}, arch("s390x"), undefined],
    ["rhel7", { [state]: "online\n" }, {}, undefined],
    ["rhel8", {}, {}, "online"],
    ["rhel8", {}, virt("none"), "online_movable"],
    ["rhel8", {}, arch("ppc64-le"), undefined],
    ["rhel8", { [auto]: "offline\n" }, {}, undefined],
    ["suse", {}, {}, "online"],
    ["suse", {}, virt("zvm"), undefined],
    ["ubuntu", {}, {}, undefined],
    ["ubuntu", { [state]: "online\n" }, virt("microsoft"), "online"],
    ["ubuntu", {}, virt("xen"), "online"],
    ["nixos", {}, {}, "online"],
  ] as const)("%s on %j with %j writes %s", async (name, files, about, word) => {
    const { text, file } = distributionRules[name];
    const { port, written } = system(files, about);
    await runRules([parseRules(text, file)], added, port);
    expect(written).toEqual(word === undefined ? [] : [`memory32/state ${word}`]);
    expect(await writes(text, system(), { ...added, action: "offline" })).toEqual([]);
  });
});

test.each([
  ["a*c", "abbc", true],
  ["a.c", "abc", false],
  ["[a-c]?", "bz", true],
  ["[!a-c]?", "bz", false],
  ["x|a*", "abc", true],
  ["", "", true],
  ["a(b", "a(b", true],
])("%s matches %s: %s", (pattern, value, isMatched) => {
  expect(matchesGlob(pattern, value)).toBe(isMatched);
});
