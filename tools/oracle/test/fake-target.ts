import type { Guest, Monitor, QmpAnswer, QmpEventMessage, Target } from "../src/target.ts";

export interface FakeTarget extends Target {
  /** Commands in the order in which they came. */
  readonly commands: [command: string, operands: unknown][];
  events: QmpEventMessage[];
}

const idle: Guest = {
  read: async (path) => ({ errno: 0, mode: "444", data: path.endsWith("block_size_bytes") ? "8000000\n" : "" }),
  write: async (_path, data) => ({ open_errno: 0, ret: data.length, errno: 0 }),
  scan: async () => [],
  insmod: async () => 0,
  sleep: async () => undefined,
  program: async () => null,
  callModule: async () => null,
  takeReports: async () => ({ uevents: [], notifications: [], kernel_log: [] }),
};

/** A machine that answers as it is told. */
export function fakeTarget(
  answer: (command: string, events: QmpEventMessage[]) => QmpAnswer | undefined,
  guest: Partial<Guest> = {},
): FakeTarget {
  const commands: [string, unknown][] = [];
  const target: FakeTarget = {
    commands,
    events: [],
    guest: { ...idle, ...guest },
    close: async () => undefined,
    monitor: {
      async execute(command, operands) {
        commands.push([command, operands]);
        return answer(command, target.events) ?? { return: command.startsWith("query-") ? [] : {} };
      },
      waitFor: async (isEnough) => void isEnough(target.events),
      takeEvents() {
        const { events } = target;
        target.events = [];
        return events;
      },
      close: async () => undefined,
    } satisfies Monitor,
  };
  return target;
}
