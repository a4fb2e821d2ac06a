import type { Served } from "./served-machines.ts";
import type { ServedTerminal } from "./served-terminal.ts";

const readers = new Set<() => void>();
let version = 0;
let machine: Served | undefined;
let terminal: ServedTerminal | undefined;
let tab: string | undefined;

/** The machine of the server that the page follows; it outlives what is drawn of it. */
export const followed = {
  get machine(): Served | undefined {
    return machine;
  },
  /** Where lines are typed at it, once that was asked for. */
  get terminal(): ServedTerminal | undefined {
    return terminal;
  },
  /** The list that somebody chose while the machine changes under it. */
  get tab(): string | undefined {
    return machine === undefined ? undefined : tab;
  },
  keepTab(name: string): void {
    tab = name;
  },
  follow(next: Served | undefined): void {
    if (next?.id === machine?.id) return;
    terminal?.close();
    terminal = undefined;
    machine = next;
    tell();
  },
  /** The terminal of the machine that is followed, opened where there is none yet; undefined where none is followed. */
  async openTerminal(): Promise<ServedTerminal | undefined> {
    const wanted = machine;
    if (wanted === undefined || terminal !== undefined) return terminal;
    const { ServedTerminal: Terminal } = await import("./served-terminal.ts");
    if (wanted !== machine || terminal !== undefined) return terminal;
    terminal = new Terminal(wanted, tell);
    tell();
    return terminal;
  },
  subscribe: (reader: () => void): (() => void) => {
    readers.add(reader);
    return () => readers.delete(reader);
  },
  version: (): number => version,
};

function tell(): void {
  version += 1;
  for (const reader of readers) reader();
}
