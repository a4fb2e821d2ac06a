import { expect, test } from "vitest";
import { parseCommandLine } from "../src/arguments/arguments.ts";
import type { CommandSpec } from "../src/arguments/command-spec.ts";
import { commands } from "../src/commands.ts";
import { UsageError } from "../src/errors.ts";
import { memhp } from "./test-host.ts";

const spec: CommandSpec = {
  name: "try",
  about: "",
  operands: { name: "FILE", min: 1, max: 2 },
  options: {
    json: { about: "" },
    kernel: { value: "VERSION", multiple: true, about: "" },
    workers: { value: "N", short: "w", about: "" },
    summary: { value: "WHEN", implied: "only", about: "" },
  },
};

test("options and operands may stand in any order, and - is an operand", () => {
  const args = parseCommandLine(spec, ["--json", "a.yaml", "-w", "3", "--kernel", "4.1", "-", "--kernel=6.12"]);
  expect(args.operands).toEqual(["a.yaml", "-"]);
  expect(args.flag("json")).toBe(true);
  expect(args.count("workers", 8)).toBe(3);
  expect(args.kernels()).toEqual(["4.1", "6.12"]);
});

test("a flag that may stand alone has its implied value then", () => {
  expect(parseCommandLine(spec, ["f", "--summary"]).text("summary")).toBe("only");
  expect(parseCommandLine(spec, ["f", "--summary=never"]).text("summary")).toBe("never");
  expect(parseCommandLine(spec, ["--", "--summary"]).operands).toEqual(["--summary"]);
});

test.each([
  [["f", "--frobnicate"], 'unknown option "--frobnicate" (options: --json, --kernel, --workers, --summary, --help)'],
  [["f", "--workers"], "--workers: N is missing"],
  [["f", "--json=yes"], "--json takes no value"],
  [[], "FILE is missing"],
  [["a", "b", "c"], 'unexpected "c" after FILE'],
])("%j is wrong usage: %s", (args, message) => {
  expect(() => parseCommandLine(spec, args)).toThrow(new UsageError(message));
});

test.each(["-1", "1.5", "9", "many", ""])("--workers %j is no number of workers", (value) => {
  expect(() => parseCommandLine(spec, ["f", `--workers=${value}`]).count("workers", 8)).toThrow(
    `--workers: expected a whole number of 0..8, found ${JSON.stringify(value)}`,
  );
});

test("a kernel without a profile is wrong usage", () => {
  expect(() => parseCommandLine(spec, ["f", "--kernel", "5.17"]).kernels()).toThrow(
    '--kernel: "5.17" is not known (allowed: 4.1, 4.1-nomn, 4.18, 5.4, 5.10, 5.14, 5.15, 6.1, 6.6, 6.8, 6.12, 7.3)',
  );
});

test.each(["--help", ...Object.keys(commands)])("the help of %s", async (name) => {
  const { exitCode, stdout, stderr } = await memhp(name === "--help" ? [name] : [name, "--help"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout.split("\n").every((line) => line.length <= 100)).toBe(true);
  expect(stdout).toMatchSnapshot();
});

const names = Object.keys(commands).join(", ");

test("--version names the program and its version", async () => {
  const { exitCode, stdout } = await memhp(["--version"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^memhp \d+\.\d+\.\d+\n$/);
});

test("help COMMAND is the help of that command", async () => {
  expect(await memhp(["help", "run"])).toEqual(await memhp(["run", "--help"]));
  expect((await memhp(["help", "fly"])).stderr).toContain('unknown command "fly"');
});

test("without a command the overview goes to stderr and the exit code is that of wrong usage", async () => {
  const { exitCode, stdout, stderr } = await memhp([]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain("Usage: memhp COMMAND");
});

test.each([
  [["frobnicate"], `memhp: unknown command "frobnicate" (commands: ${names})`],
  [["--frobnicate"], `memhp: unknown option "--frobnicate" (commands: ${names})`],
  [["tour", "somewhere"], 'memhp tour: unexpected "somewhere"'],
  [["run"], "memhp run: FILE is missing"],
  [["compare", "f", "--kernel", "4.1"], "memhp compare: expected two kernels or more: --kernel 4.1 --kernel 6.12"],
  [["lsmem", "-a", "-S", "NODE"], "memhp lsmem: --all and --split exclude each other"],
  [["lsmem", "-J", "-r"], "memhp lsmem: --json and --raw exclude each other"],
  [
    ["lsmem", "-o", "+FOO"],
    "memhp lsmem: --output: unknown column: FOO (known: RANGE, SIZE, STATE, REMOVABLE, BLOCK, NODE, ZONES)",
  ],
  [["run", "f", "--workers", "-1"], 'memhp run: --workers: expected a whole number of 0..1024, found "-1"'],
  [["explain", "--plan", "2G", "--block", "3"], "memhp explain: --plan and --block exclude each other"],
  [["serve", "--port", "99999"], 'memhp serve: --port: expected a whole number of 0..65535, found "99999"'],
  [["lsmem", "--summary=often"], 'memhp lsmem: --summary: "often" is not known (allowed: never, always, only)'],
])("%j ends with 2 and one message", async (args, message) => {
  const { exitCode, stdout, stderr } = await memhp(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr.split("\n")).toEqual([message, expect.stringMatching(/^Try 'memhp.* --help'\.$/), ""]);
});
