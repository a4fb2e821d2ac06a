import { setTimeout as pause } from "node:timers/promises";
import type { Guest, GuestEntry, KernelReports } from "../target.ts";
import type { AgentChannel } from "./agent-channel.ts";
import { decodeEntry, errnoField, fromHex } from "./agent-protocol.ts";
import { GuestPrograms } from "./guest-programs.ts";
import { modulePath } from "./initramfs.ts";
import { logRecordOf, ueventOf } from "./kernel-messages.ts";

/** The guest of QEMU, through the agent in it. @param quietMs how long the kernel may be silent before it counts as done. */
export function agentGuest(channel: AgentChannel, quietMs = 150): Guest {
  const messages = async (command: "uevents" | "log"): Promise<string[]> =>
    (await channel.ask({ command })).lines.map(fromHex);

  const programs = new GuestPrograms(channel);

  return {
    async read(path) {
      const [errno, mode = "0", data = "-"] = (await channel.ask({ command: "read", path })).words;
      return { errno: errnoField(errno), mode, data: fromHex(data) };
    },

    async write(path, data, timeoutMs) {
      const { words } = await channel.ask({ command: "write", path, data, timeoutMs });
      const answer = { open_errno: errnoField(words[0]), ret: Number(words[1]), errno: errnoField(words[2]) };
      return words[3] === "1" ? { ...answer, timed_out_signal: true } : answer;
    },

    async scan(path, depth): Promise<GuestEntry[]> {
      return (await channel.ask({ command: "scan", path, depth })).lines.map(decodeEntry);
    },

    async insmod(name, words) {
      const answer = await channel.ask({ command: "insmod", path: modulePath(name), arguments: words });
      return errnoField(answer.words[0]);
    },

    sleep: (seconds) => pause(seconds * 1000),
    program: (order) => programs.perform(order),
    callModule: (data, timeoutMs) => programs.tellModule(data, timeoutMs),

    async takeReports(settle): Promise<KernelReports> {
      const uevents: string[] = [];
      const records: string[] = [];
      for (let done = false; !done;) {
        if (settle) await pause(quietMs);
        const [more, lines] = [await messages("uevents"), await messages("log")];
        uevents.push(...more);
        records.push(...lines);
        done = !settle || more.length + lines.length === 0;
      }
      const log = records.map(logRecordOf);
      return {
        uevents: uevents.map(ueventOf),
        notifications: log.flatMap((record) => (record && "notification" in record ? [record.notification] : [])),
        kernel_log: log.flatMap((record) => (record && "text" in record ? [record.text] : [])),
      };
    },
  };
}
