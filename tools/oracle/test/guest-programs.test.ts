import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { AgentChannel } from "../src/qemu/agent-channel.ts";
import { agentGuest } from "../src/qemu/agent-guest.ts";
import { toHex } from "../src/qemu/agent-protocol.ts";

type Answer = (command: string, operands: readonly string[]) => string;

/** A guest whose agent answers as it is told; operands come as texts. */
async function guestWith(answer: Answer) {
  const folder = mkdtempSync(join(tmpdir(), "memhp-oracle-test-"));
  const path = join(folder, "agent.sock");
  const server = createServer((socket) => {
    socket.setEncoding("latin1");
    socket.write("ready\n");
    socket.on("data", (text: string) => {
      for (const line of text.split("\n").filter(Boolean)) {
        const [command = "", ...operands] = line.split(" ");
        socket.write(
          `${answer(
            command,
            operands.map((word) => Buffer.from(word, "hex").toString("latin1")),
          )}\n`,
        );
      }
    });
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const channel = await AgentChannel.open(path, { bootMs: 5000, answerMs: 5000 });
  onTestFinished(() => {
    channel.close();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return agentGuest(channel);
}

test("a load's step ends when the load says that it is ready, and looks as in c_load_anon_kernel", async () => {
  const asked: string[] = [];
  let reads = 0;
  const guest = await guestWith((command, operands) => {
    asked.push([command, ...operands].join(" "));
    if (command === "start") return "= 102";
    if (operands[0] === "/proc/102/stat") return "= 0 444 -";
    reads += 1;
    return `= 0 600 ${toHex(reads > 1 ? "READY 102\n" : "")}`;
  });
  expect(await guest.program({ do: "start", command: "load anon 700 1", name: "ld" })).toEqual({
    pid: 102,
    file: "/tmp/bg.0",
    out: "READY 102\n",
  });
  expect(asked[0]).toBe("start load anon 700 1 /tmp/bg.0");
});

test("a load that the kernel killed is not waited for, and cannot be killed (c_load_pipe_movable)", async () => {
  const guest = await guestWith((command, operands) => {
    if (command === "start") return "= 101";
    if (command === "kill") return "= ESRCH";
    return operands[0] === "/proc/101/stat" ? "= ENOENT 0 -" : "= 0 600 -";
  });
  expect(await guest.program({ do: "start", command: "load pipe 700 1", name: "ld" })).toMatchObject({ out: "" });
  expect(await guest.program({ do: "kill", name: "ld" })).toEqual({
    rc: 1,
    timed_out: false,
    out: "sh: can't kill pid 101: No such process\n",
  });
  await expect(guest.program({ do: "kill", name: "wr" })).rejects.toThrow('nothing was started as "wr"');
});

test("a writer in the background is not waited for", async () => {
  const guest = await guestWith((command) => (command === "start" ? "= 102" : "= 0 600 -"));
  const command = "echo offline > /sys/devices/system/memory/memory32/state";
  expect(await guest.program({ do: "start", command, name: "wr" })).toEqual({ pid: 102, file: "/tmp/bg.0", out: "" });
});

test("a shell's command gives its exit code and what it printed", async () => {
  const guest = await guestWith((command) => (command === "run" ? "= 1 0" : `= 0 600 ${toHex("no\n")}`));
  expect(await guest.program({ do: "run", command: "echo no; false" })).toEqual({
    rc: 1,
    timed_out: false,
    out: "no\n",
  });
});

test("the recording module answers as a file", async () => {
  const asked: string[][] = [];
  const guest = await guestWith((command, operands) => {
    asked.push([command, ...operands]);
    return "= 0 -1 EEXIST 0";
  });
  expect(await guest.callModule("add 0 100000000 8000000", 0)).toEqual({
    open_errno: 0,
    ret: -1,
    errno: "EEXIST",
  });
  expect(asked).toEqual([["write", "/proc/memlog", "add 0 100000000 8000000", "0"]]);
});

test("a write that a signal ended says so", async () => {
  const guest = await guestWith(() => "= 0 -1 EINTR 1");
  expect(await guest.write("/p", "offline", 50)).toEqual({
    open_errno: 0,
    ret: -1,
    errno: "EINTR",
    timed_out_signal: true,
  });
});

test("a command may name what was started by its name: ${c1} is its pid", async () => {
  const commands: string[] = [];
  const guest = await guestWith((command, [program = ""]) => {
    if (command !== "start" && command !== "run") return "= 0 444 -";
    commands.push(program);
    return command === "start" ? "= 117" : "= 0 0";
  });
  await guest.program({ do: "start", name: "c1", command: "echo offline > state", waitS: 0 });
  await guest.program({ do: "run", command: "cat /proc/${c1}/stack /proc/${other}/stack ${d0.first}" });
  expect(commands[1]).toBe("cat /proc/117/stack /proc/${other}/stack ${d0.first}");
});
