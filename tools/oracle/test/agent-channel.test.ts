import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { AgentChannel, GuestGone } from "../src/qemu/agent-channel.ts";
import { agentGuest } from "../src/qemu/agent-guest.ts";

/** An agent that answers a line with what `answer` says; undefined is silence. */
async function fakeAgent(answer: (line: string, socket: Socket) => string | undefined, hello = "ready\n") {
  const folder = mkdtempSync(join(tmpdir(), "memhp-agent-"));
  const path = join(folder, "agent.sock");
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      for (const line of text.split("\n").filter((part) => part !== "")) socket.write(answer(line, socket) ?? "");
    });
    socket.write(hello);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return AgentChannel.open(path, { bootMs: 500, answerMs: 500 });
}

test("requests are answered in order, one at a time", async () => {
  const lines: string[] = [];
  const channel = await fakeAgent((line) => {
    lines.push(line);
    return `+ ${lines.length}\n= 0\n`;
  });
  const answers = await Promise.all([channel.ask({ command: "uevents" }), channel.ask({ command: "log" })]);
  expect(answers.map((answer) => answer.lines)).toEqual([["1"], ["2"]]);
  expect(lines).toEqual(["uevents", "log"]);
});

test("a guest that never comes up is gone", async () => {
  await expect(fakeAgent(() => undefined, "")).rejects.toThrow(GuestGone);
});

test("a guest that stops answering is gone", async () => {
  const channel = await fakeAgent(() => undefined);
  await expect(channel.ask({ command: "log" })).rejects.toThrow(/log: no answer after 500 ms/);
});

test("a guest that dies in a request is gone", async () => {
  const channel = await fakeAgent((_line, socket) => {
    socket.destroy();
    return undefined;
  });
  await expect(channel.ask({ command: "log" })).rejects.toThrow(GuestGone);
});

test("a read, a write and a module, as a guest", async () => {
  const answers: Record<string, string> = {
    read: "= 0 644 6f66660a\n",
    write: "= 0 -1 EBUSY\n",
    insmod: "= ENOEXEC\n",
  };
  const guest = agentGuest(await fakeAgent((line) => answers[line.split(" ")[0] ?? ""]));
  expect(await guest.read("/a")).toEqual({ errno: 0, mode: "644", data: "off\n" });
  expect(await guest.write("/a", "offline", 0)).toEqual({ open_errno: 0, ret: -1, errno: "EBUSY" });
  expect(await guest.insmod("memlog", "")).toBe("ENOEXEC");
});

test("reports that trail behind are waited for until the kernel is silent", async () => {
  const hex = (text: string): string => Buffer.from(text, "latin1").toString("hex");
  const uevents = [
    "add@/devices/system/memory/memory32\0SUBSYSTEM=memory\0",
    "add@/devices/system/memory/memory33\0SUBSYSTEM=memory\0",
  ];
  const guest = agentGuest(
    await fakeAgent((line) => {
      const next = line === "uevents" ? uevents.shift() : undefined;
      return next === undefined ? "= 0\n" : `+ ${hex(next)}\n= 0\n`;
    }),
  );
  expect((await guest.takeReports(true)).uevents).toEqual([
    "add@/devices/system/memory/memory32",
    "add@/devices/system/memory/memory33",
  ]);
});
