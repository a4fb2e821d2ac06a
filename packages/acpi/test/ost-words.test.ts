import { expect, test } from "vitest";
import { eventWords, isOstFailure, ostWords } from "../src/index.ts";

// facts/kernel.md §6.4.
test.each([
  [3, 0x0, "eject request", "success (0x0)", false],
  [1, 0x1, "device check", "failure (0x1)", true],
  [3, 0x80, "eject request", "not supported (0x80)", true],
  [0x103, 0x82, "eject by sysfs", "device busy (0x82)", true],
  [3, 0x84, "eject request", "in progress (0x84)", false],
  [0x200, 0x80, "insertion", "in progress (0x80)", false],
  [0x200, 0x82, "insertion", "not supported (0x82)", true],
  [0x100, 0x81, "shutdown", "in progress (0x81)", false],
  [7, 0x99, "event 0x7", "status (0x99)", true],
])("source 0x%x, status 0x%x", (source, status, event, answer, isFailure) => {
  expect([eventWords(source), ostWords(source, status), isOstFailure(source, status)]).toEqual([
    event,
    answer,
    isFailure,
  ]);
});
