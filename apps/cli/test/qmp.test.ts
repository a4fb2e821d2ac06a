import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memhp } from "./test-host.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const scenario = `format: memhp-scenario/1
kernel: "6.1"
machine: { machine: q35, memory: 2G, slots: 4, maxmem: 8G, smp: 2, nodes: [] }
steps:
  - { op: dimm_add, id: d0, size: 256M }
`;

/** Sends commands one after another, each when the one before was answered; collects what comes. */
async function converse(path: string, commands: readonly object[]): Promise<Record<string, unknown>[]> {
  const socket: Socket = connect(path);
  const lines: Record<string, unknown>[] = [];
  let text = "";
  const heard = new Promise<void>((resolve) => {
    let next = 0;
    socket.on("data", (data: Buffer) => {
      text += data.toString();
      const parts = text.split("\n");
      text = parts.pop() ?? "";
      for (const part of parts.filter((line) => line.trim() !== "")) {
        const message = JSON.parse(part) as Record<string, unknown>;
        lines.push(message);
        if ("event" in message && message["event"] !== "DEVICE_DELETED") continue;
        if (message["event"] === "DEVICE_DELETED" || !("event" in message)) {
          const command = commands[next];
          // The eject is followed by its event, the other commands by their answer.
          if (
            message["event"] === undefined &&
            (commands[next - 1] as { execute?: string } | undefined)?.execute === "device_del"
          )
            continue;
          next += 1;
          if (command !== undefined) socket.write(JSON.stringify(command));
        }
      }
    });
    socket.on("close", () => resolve());
  });
  await heard;
  return lines;
}

test("run --qmp hands the machine to a QEMU monitor after the last step", async () => {
  const path = join(temporaryFolder(), "monitor.sock");
  let talk: Promise<Record<string, unknown>[]> | undefined;
  const { exitCode } = await memhp(["run", "--quiet", "--qmp", `unix:${path}`, "scenario.yaml"], {
    files: { "scenario.yaml": scenario },
    interrupted: () => new Promise(() => {}),
    onStderr(text) {
      if (!text.startsWith("QMP: ")) return;
      talk = converse(path, [
        { execute: "qmp_capabilities" },
        { execute: "query-memory-devices" },
        { execute: "device_del", arguments: { id: "d0" } },
        { execute: "query-memory-devices" },
        { execute: "quit" },
      ]);
    },
  });
  expect(exitCode).toBe(0);
  const lines = (await talk) ?? [];
  expect(lines[0]).toHaveProperty("QMP");
  expect(JSON.stringify(lines[2])).toContain('"id": "d0"'.replace(" ", ""));
  expect(lines.filter((line) => line["event"] === "DEVICE_DELETED")).toHaveLength(1);
  expect(
    lines.flatMap((line) =>
      line["event"] === "ACPI_DEVICE_OST" ? [(line["data"] as { info: { status: number } }).info.status] : [],
    ),
  ).toEqual([0x84, 0]);
});

test("a monitor's address that makes no sense is wrong usage", async () => {
  const { exitCode, stderr } = await memhp(["run", "--qmp", "tcp:x", "scenario.yaml"], {
    files: { "scenario.yaml": scenario },
  });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--qmp: expected unix:PATH or tcp:PORT") as string]);
});
