import { readFileSync } from "node:fs";
import { join } from "node:path";
import { virtioMemMachine } from "@memhp/devices";
import { toSvg } from "@memhp/diagram";
import { createMachine } from "xstate";
import { root } from "../generate/root.ts";
import { type Flow, flows } from "./flows.ts";
import { terminalSvg } from "./terminal.ts";

/** A picture of a README: its file, as it must be. */
export interface Picture {
  /** `packages/udev/pictures/udev.svg`. */
  readonly file: string;
  readonly alt: string;
  readonly svg: string;
}

/** All pictures that are drawn from data; the statecharts of blocks and of ACPI's devices are drawn by `memhp diagram`. */
export function pictures(): Picture[] {
  return [
    ...Object.entries(flows).map(([name, flow]) => ({
      file: `packages/${name}/pictures/${name}.svg`,
      alt: flow.alt,
      svg: flowSvg(name, flow),
    })),
    {
      file: "packages/devices/pictures/virtio-mem.svg",
      alt: "The statechart of a virtio-mem device's driver",
      svg: `${toSvg(virtioMemMachine, { actions: false })}\n`,
    },
    {
      file: "packages/diagram/pictures/door.svg",
      alt: "A door with a history state, guards and a nested state, as toSvg draws it",
      svg: `${toSvg(door)}\n`,
    },
    {
      file: "apps/cli/pictures/memhp-run.svg",
      alt: "memhp run: a DIMM arrives, its blocks go online, one goes away, one word is refused",
      svg: terminalSvg(consoleBlock("apps/cli/README.md")),
    },
  ];
}

const door = createMachine({
  id: "door",
  initial: "closed",
  states: {
    closed: {
      initial: "unlocked",
      on: { OPEN: { target: "open", guard: "isUnlocked" } },
      states: {
        unlocked: { on: { LOCK: "locked" } },
        locked: { description: "Needs its key.", on: { UNLOCK: "unlocked" } },
        before: { type: "history" },
      },
    },
    open: { entry: "light", exit: "dark", on: { CLOSE: "closed.before" }, after: { 60_000: "closed" } },
  },
});

function flowSvg(id: string, { boxes, arrows }: Flow): string {
  const names = Object.keys(boxes);
  const unknown = arrows.flatMap(([from, , to]) => [from, to]).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`${id}: no box ${unknown}`);
  const states = Object.fromEntries(
    names.map((name) => {
      const out = arrows.filter(([from]) => from === name);
      return [name, { description: `${boxes[name]}.`, on: Object.fromEntries(out.map(([, what, to]) => [what, to])) }];
    }),
  );
  const machine = createMachine({ id, initial: names[0] ?? "", states });
  return `${toSvg(machine)}\n`;
}

/** The first thing that a README shows of a terminal. */
function consoleBlock(readme: string): string {
  const text = readFileSync(join(root, readme), "utf8");
  const [, block] = /```console\n([^]*?)```/.exec(text) ?? [];
  if (block === undefined) throw new Error(`${readme} shows no terminal`);
  return block.trimEnd();
}
