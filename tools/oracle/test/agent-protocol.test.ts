import { expect, test } from "vitest";
import {
  AgentProtocolError,
  AnswerReader,
  decodeEntry,
  encodeRequest,
  errnoField,
  fromHex,
  toHex,
} from "../src/qemu/agent-protocol.ts";

test("requests are one line, with operands in hex", () => {
  expect(encodeRequest({ command: "read", path: "/p" })).toBe("read 2f70\n");
  expect(encodeRequest({ command: "write", path: "/p", data: "online\n\0", timeoutMs: 50 })).toBe(
    "write 2f70 6f6e6c696e650a00 3530\n",
  );
  expect(encodeRequest({ command: "write", path: "/p", data: "", timeoutMs: 0 })).toBe("write 2f70 - 30\n");
  expect(encodeRequest({ command: "scan", path: "/p", depth: 2 })).toBe("scan 2f70 32\n");
  expect(encodeRequest({ command: "insmod", path: "/m.ko", arguments: "priority=5" })).toBe(
    "insmod 2f6d2e6b6f 7072696f726974793d35\n",
  );
  expect(encodeRequest({ command: "run", program: "ls", output: "/o", timeoutMs: 9 })).toBe("run 6c73 2f6f 39\n");
  expect(encodeRequest({ command: "start", program: "ls", output: "/o" })).toBe("start 6c73 2f6f\n");
  expect(encodeRequest({ command: "kill", pid: 102 })).toBe("kill 313032\n");
  expect(encodeRequest({ command: "uevents" })).toBe("uevents\n");
});

test("every byte survives the hex", () => {
  const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
  expect(fromHex(toHex(bytes))).toBe(bytes);
  expect(fromHex(toHex(""))).toBe("");
});

test("an answer is its lines and its last line's words, however the bytes arrive", () => {
  const text = "ready\n+ aa\n+ bb\n= 0 644 6f6e0a\n= EINVAL\n";
  const whole = [
    { lines: [], words: ["ready"] },
    { lines: ["aa", "bb"], words: ["0", "644", "6f6e0a"] },
    { lines: [], words: ["EINVAL"] },
  ];
  expect(new AnswerReader().push(text)).toEqual(whole);
  const reader = new AnswerReader();
  expect(text.split("").flatMap((byte) => reader.push(byte))).toEqual(whole);
});

test("what is no answer is a protocol error", () => {
  expect(() => new AnswerReader().push("Kernel panic\n")).toThrow(AgentProtocolError);
  expect(() => fromHex("0g")).toThrow(AgentProtocolError);
  expect(() => decodeEntry("s 777 2f")).toThrow(AgentProtocolError);
});

test("entries of a scan: directories, links, files, and files that nobody may read", () => {
  expect(decodeEntry("d 755 2f61")).toEqual({ path: "/a", kind: "dir", mode: "755", errno: 0, text: "" });
  expect(decodeEntry("l 777 2f61 2e2e2f62")).toMatchObject({ kind: "link", text: "../b" });
  expect(decodeEntry("f 644 2f61 0 6f6e0a")).toMatchObject({ kind: "file", errno: 0, text: "on\n" });
  expect(decodeEntry("f 200 2f61 EACCES -")).toMatchObject({ kind: "file", mode: "200", errno: "EACCES", text: "" });
});

test("an errno is its name, or its number where it has none", () => {
  expect(["0", "EBUSY", "523", undefined].map(errnoField)).toEqual([0, "EBUSY", 523, 0]);
});
