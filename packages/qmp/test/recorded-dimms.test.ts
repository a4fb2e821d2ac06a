import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createQmpSession } from "../src/index.ts";
import { type BoardShape, FakeBoard } from "./fake-board.ts";

interface OstInfo {
  readonly device?: string;
  readonly slot: string;
  readonly "slot-type": string;
  readonly source: number;
  readonly status: number;
}

/** An event as the recorder wrote it: its data, and its name. */
type RecordedEvent =
  | { readonly event: "ACPI_DEVICE_OST"; readonly info: OstInfo }
  | { readonly event: "DEVICE_DELETED"; readonly device: string; readonly path: string };

interface RecordedStep {
  readonly op: "dimm_add" | "dimm_del" | "guest";
  readonly id: string;
  readonly sizeBytes: number;
  readonly node?: number;
  readonly addr?: number;
  readonly slot?: number;
  readonly object_add?: object;
  readonly device_add?: object;
  readonly device_del?: object;
  readonly object_del?: object;
  readonly devices?: readonly object[];
  readonly devices_left?: readonly string[];
  readonly ospm?: readonly OstInfo[];
  readonly events: readonly RecordedEvent[];
}

interface RecordedTrace {
  readonly trace: string;
  readonly board: BoardShape;
  readonly steps: readonly RecordedStep[];
}

interface Device {
  readonly data: { readonly id: string };
}

/** Cut from the kernel traces: what was asked of QEMU's monitor, what it answered, and what the guest then did. */
const traces = JSON.parse(
  readFileSync(new URL("data/dimm-steps.json", import.meta.url), "utf8"),
) as readonly RecordedTrace[];

/** A monitor on a fake board whose guest does what the recorded guest did. */
class Replay {
  readonly #board: FakeBoard;
  readonly #lines: string[] = [];
  readonly #session: ReturnType<typeof createQmpSession>;

  constructor(shape: BoardShape) {
    this.#board = new FakeBoard(shape);
    this.#session = createQmpSession(this.#board, { send: (line) => void this.#lines.push(line) });
    this.ask("qmp_capabilities");
  }

  ask(execute: string, args: object = {}): { readonly return?: unknown } {
    this.#lines.length = 0;
    this.#session.receive(JSON.stringify({ execute, arguments: args }));
    return JSON.parse(this.#lines.at(-1) ?? "") as { readonly return?: unknown };
  }

  /** The guest acts; what the monitor tells of it, as the recorder wrote it. */
  events(recorded: readonly RecordedEvent[]): unknown[] {
    this.#lines.length = 0;
    for (const event of recorded) {
      if (event.event === "DEVICE_DELETED") this.#board.guestEject(event.device);
      else this.#board.guestOst(Number(event.info.slot), event.info.source, event.info.status);
    }
    return this.#lines.map((line) => {
      const { event, data } = JSON.parse(line) as { readonly event: string; readonly data: object };
      return { ...data, event };
    });
  }

  devices(): readonly Device[] {
    return this.ask("query-memory-devices").return as readonly Device[];
  }

  /** The recorder kept the slot of the DIMM that was added; after a removal, every slot that was ever used. */
  ospm(added: string | undefined): OstInfo[] {
    const all = this.ask("query-acpi-ospm-status").return as readonly OstInfo[];
    return all.filter(({ device, source }) => (added === undefined ? source !== 0 : device === added));
  }
}

describe("DIMMs come and go as QEMU told while a real kernel ran in it", () => {
  test.each(traces)("$trace", ({ board, steps }) => {
    const replay = new Replay(board);
    for (const step of steps) {
      const { op, id, sizeBytes: size, node, addr, slot } = step;
      const memdev = `mem-${id}`;
      if (op === "dimm_add") {
        expect(replay.ask("object-add", { "qom-type": "memory-backend-ram", id: memdev, size })).toEqual(
          step.object_add,
        );
        expect(replay.ask("device_add", { driver: "pc-dimm", id, memdev, node, addr, slot })).toEqual(step.device_add);
      }
      if (op === "dimm_del") expect(replay.ask("device_del", { id })).toEqual(step.device_del);
      expect(replay.events(step.events)).toEqual(step.events);
      if (step.devices !== undefined)
        expect(replay.devices().filter(({ data }) => data.id === id)).toEqual(step.devices);
      if (step.object_del !== undefined) expect(replay.ask("object-del", { id: memdev })).toEqual(step.object_del);
      if (step.devices_left !== undefined)
        expect(replay.devices().map(({ data }) => data.id)).toEqual(step.devices_left);
      const added = op === "dimm_add" ? id : undefined;
      if (step.ospm !== undefined) expect(replay.ospm(added)).toEqual(step.ospm);
    }
  });
});
