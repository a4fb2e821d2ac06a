import { readFileSync } from "node:fs";
import { importTree } from "@memhp/sysfs";
import type { Machine } from "@memhp/machine";
import { runRecorded } from "@memhp/recorded";
import { type DocumentStep, parseDocument } from "@memhp/scenario";
import { humanSize, lsmem, lsmemOptions, NoMemoryBlocks } from "@memhp/shell";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../src/arguments/arguments.ts";
import { lsmem as command } from "../src/commands/lsmem.ts";
import { kernelTrace } from "./test-host.ts";

type Files = Parameters<typeof lsmem>[0];

/** Our output for a recorded command line such as `lsmem.ul -J -a -o +ZONES`. */
function ours(files: Files, commandLine: string): string {
  return lsmem(files, lsmemOptions(parseCommandLine(command.spec, commandLine.split(" ").slice(1))));
}

const isLsmem = (commandLine: unknown): commandLine is string =>
  typeof commandLine === "string" && /^lsmem\.ul(?: [^;|]*)?$/.test(commandLine) && !commandLine.includes("--help");

function trace(id: string): ReturnType<typeof parseDocument> {
  return parseDocument(readFileSync(kernelTrace(id), "utf8"), id);
}

/** What a guest's program printed. */
function recordedOutput(step: DocumentStep | undefined): string {
  const result = step?.recorded?.["result"] as { readonly out: string } | undefined;
  return result?.out ?? "nothing was recorded";
}

const bootRuns = [
  "a_boot_1node",
  "a_boot_2node",
  "a_boot_2node_kernelcore_512M",
  "a_boot_2node_movable_node",
  "a_boot_4node",
  "a_boot_5G_pc",
  "a_boot_64G",
  "a_boot_node_boundary_unaligned",
  "a_boot_unaligned_2100M",
];

describe("what util-linux 2.38.1 printed in the guest, byte for byte", () => {
  test.each(["6.1", "6.12"].flatMap((kernel) => [...bootRuns, "b_sizes"].map((run) => `${kernel}/${run}`)))(
    "%s",
    async (id) => {
      const document = trace(id);
      let machine: Machine | undefined;
      let compared = 0;
      await runRecorded(document, {
        onMachine: (booted) => {
          machine = booted;
        },
        onStep: ({ step }, i) => {
          if (!isLsmem(step["cmd"]) || machine === undefined) return;
          expect(ours(machine.files, step["cmd"])).toBe(recordedOutput(document.steps[i]));
          compared += 1;
        },
      });
      expect(compared).toBeGreaterThan(1);
    },
  );

  // chmem ran in between, so what the other forms show is rebuilt from the JSON of the same moment.
  test.each(["6.1/k_lsmem_chmem", "6.12/k_lsmem_chmem"])("%s", (id) => {
    const printed = new Map<string, string>();
    let compared = 0;
    const end: DocumentStep = { request: { op: "end" }, recorded: undefined, expect: undefined, unmovablePages: false };
    for (const step of [...trace(id).steps, end]) {
      const { request } = step;
      if (isLsmem(request["cmd"])) {
        printed.set(request["cmd"], recordedOutput(step));
        continue;
      }
      const json = [...printed].find(([commandLine]) => commandLine.includes("-J"))?.[1];
      if (json !== undefined) {
        const files = treeOf(json);
        for (const [commandLine, out] of printed) expect(ours(files, commandLine)).toBe(out);
        compared += printed.size;
      }
      printed.clear();
    }
    expect(compared).toBe(25);
  });
});

interface RecordedBlock {
  readonly block: string;
  readonly state: string;
  readonly node: number;
  readonly zones: string;
}

/** A sysfs tree with the blocks that `lsmem -J -a` listed. */
function treeOf(json: string): Files {
  const { memory } = JSON.parse(json) as { readonly memory: readonly RecordedBlock[] };
  const dir = "/sys/devices/system/memory";
  const file = (path: string, data: string) => ({
    path: `${dir}/${path}`,
    kind: "file" as const,
    mode: 0o444,
    data: `${data}\n`,
  });
  return importTree([
    file("block_size_bytes", "8000000"),
    ...memory.flatMap(({ block, state, node, zones }) => [
      file(`memory${block}/state`, state),
      file(`memory${block}/removable`, "1"),
      file(`memory${block}/valid_zones`, zones === "None" ? "none" : zones.replaceAll("/", " ")),
      {
        path: `${dir}/memory${block}/node${node}`,
        kind: "link" as const,
        mode: 0o777,
        target: `../../node/node${node}`,
      },
    ]),
  ]);
}

describe("trees that no recorded kernel had", () => {
  const dir = "/sys/devices/system/memory";
  const file = (path: string, data: string) => ({ path: `${dir}/${path}`, kind: "file" as const, mode: 0o444, data });
  const size = file("block_size_bytes", "8000000\n");

  test("without memory blocks there is nothing to show", () => {
    expect(() => lsmem(importTree([file("probe", "")]))).toThrow(
      new NoMemoryBlocks("This system does not support memory blocks"),
    );
    expect(() => lsmem(importTree([size]))).toThrow(NoMemoryBlocks);
  });

  test("a block on its way is on->off, an unknown state is ?, and both count as offline", () => {
    const tree = importTree([size, file("memory0/state", "going-offline\n"), file("memory1/state", "sleeping\n")]);
    expect(lsmem(tree)).toBe(
      [
        "RANGE                                  SIZE   STATE REMOVABLE BLOCK",
        "0x0000000000000000-0x0000000007ffffff  128M on->off               0",
        "0x0000000008000000-0x000000000fffffff  128M       ?               1",
        "",
        "Memory block size:       128M",
        "Total online memory:       0B",
        "Total offline memory:    256M",
        "",
      ].join("\n"),
    );
  });

  test("blocks without node and zones have null in JSON", () => {
    const tree = importTree([size, file("memory3/state", "offline\n")]);
    expect(JSON.parse(lsmem(tree, { format: "json", columns: ["BLOCK", "REMOVABLE", "NODE", "ZONES"] }))).toEqual({
      memory: [{ block: "3", removable: false, node: null, zones: null }],
    });
  });

  test("blocks whose zone nobody knows stay apart", () => {
    const block = (n: number) => [file(`memory${n}/state`, "online\n"), file(`memory${n}/valid_zones`, "Frozen\n")];
    const tree = importTree([size, ...block(0), ...block(1)]);
    expect(lsmem(tree, { columns: ["BLOCK", "ZONES"], summary: "never" })).toBe(
      "BLOCK   ZONES\n    0 Unknown\n    1 Unknown\n",
    );
    expect(lsmem(tree, { columns: ["BLOCK"], summary: "never" })).toBe("BLOCK\n  0-1\n");
  });
});

test.each([
  [0, "0B"],
  [1023, "1023B"],
  [2 ** 27, "128M"],
  [2176 * 2 ** 20, "2.1G"],
  [1920 * 2 ** 20, "1.9G"],
  [2047.96 * 2 ** 20, "2G"],
  [3.5 * 2 ** 40, "3.5T"],
])("%d bytes are %s", (bytes, text) => {
  expect(humanSize(Math.floor(bytes))).toBe(text);
});
