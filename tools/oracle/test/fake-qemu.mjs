#!/usr/bin/env node
// Stands in for qemu-system-x86_64: a monitor that knows its version, and an agent with one file.
// `-fake silent`: the guest never comes up; `-fake no-module`: it loads no modules.
import { createServer } from "node:net";

const words = process.argv.slice(2);
const valueAfter = (option, text) => words.find((word, i) => words[i - 1] === option && word.includes(text)) ?? "";
const pathIn = (text, pattern) => pattern.exec(text)?.[1];
const fake = valueAfter("-fake", "");

function listen(path, hello, answer) {
  createServer((socket) => {
    socket.setEncoding("utf8");
    socket.write(hello);
    socket.on("data", (text) => {
      for (const line of text.split("\n").filter(Boolean)) socket.write(`${answer(line)}\n`);
    });
    socket.on("error", () => undefined);
  }).listen(path);
}

listen(pathIn(valueAfter("-qmp", "unix:"), /unix:([^,]+)/), '{"QMP": {}}\r\n', (line) => {
  const { execute } = JSON.parse(line);
  const known = execute === "qmp_capabilities" ? {} : execute === "query-version" ? { qemu: "fake" } : undefined;
  return JSON.stringify(known ? { return: known } : { error: { class: "CommandNotFound", desc: execute } });
});

listen(pathIn(valueAfter("-chardev", "id=agent"), /path=([^,]+)/), fake === "silent" ? "" : "ready\n", (line) => {
  if (line.startsWith("insmod")) return fake === "no-module" ? "= ENOEXEC" : "= 0";
  return line.startsWith("read") ? "= 0 444 383030303030300a" : "= 0";
});
