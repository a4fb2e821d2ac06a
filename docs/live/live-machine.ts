// A machine in a page of the documentation: its blocks, a block's statechart, its node's zones, and what the kernel answers. It reads and
// writes the machine's files as any program would.
import { refusalSentences } from "@memhp/abi";
import { blockMachine } from "@memhp/block";
import { dimmsOf } from "@memhp/devices";
import { toSvg } from "@memhp/diagram";
import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";

const MEMORY = "/sys/devices/system/memory";
const DIMM_BYTES = 2 ** 29;
const PINNED_BYTES = 2 ** 24;

/** Boots a machine and shows it in an element. @returns a function that takes it away. */
export async function showMachine(place: HTMLElement, kernel: string): Promise<() => void> {
  const nodes = [
    { nodeid: 0, mem: "1G", cpus: "0" },
    { nodeid: 1, mem: "1G", cpus: "1" },
  ];
  const cmdline = "memhp_default_state=offline";
  const spec = parseMachineSpec({ memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes, cmdline });
  const machine = await bootMachine(spec, { kernel });
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: DIMM_BYTES, node: 1 });
  const view = new MachineView(place, machine);
  view.draw();
  return () => {
    place.replaceChildren();
    void machine.close();
  };
}

class MachineView {
  readonly #place: HTMLElement;
  readonly #machine: Machine;
  #block = 32;
  #said = "Choose a block, and write a word to its state file.";
  #isPinned = false;

  constructor(place: HTMLElement, machine: Machine) {
    this.#place = place;
    this.#machine = machine;
  }

  draw(): void {
    const blocks = element("div", { class: "live-blocks", role: "group", "aria-label": "memory blocks" });
    for (const id of this.#blocks()) {
      const state = this.#read(`${MEMORY}/memory${id}/state`);
      const zones = this.#read(`${MEMORY}/memory${id}/valid_zones`);
      const button = element("button", {
        type: "button",
        "data-state": state,
        "data-zone": zones,
        title: `memory${id}: ${state}, ${zones}`,
      });
      button.textContent = String(id);
      button.setAttribute("aria-pressed", String(id === this.#block));
      button.addEventListener("click", () => this.#choose(id));
      blocks.append(button);
    }
    this.#place.replaceChildren(blocks, this.#words(), this.#answer(), this.#chart(), this.#zones());
  }

  #choose(id: number): void {
    this.#block = id;
    this.draw();
  }

  #words(): HTMLElement {
    const row = element("div", { class: "live-words" });
    const name = element("code", {});
    name.textContent = `memory${this.#block}/state`;
    row.append(name);
    for (const word of ["online_kernel", "online_movable", "offline"])
      row.append(this.#button(word, async () => this.#write(word)));
    row.append(
      this.#button(this.#isPinned ? "end the driver" : "start a driver that pins pages", async () => this.#drive()),
    );
    return row;
  }

  #button(label: string, act: () => Promise<void>): HTMLElement {
    const button = element("button", { type: "button", class: "live-word" });
    button.textContent = label;
    button.addEventListener("click", () => void act().then(() => this.draw()));
    return button;
  }

  async #write(word: string): Promise<void> {
    const path = `${MEMORY}/memory${this.#block}/state`;
    const answer = await this.#machine.files.write(path, word);
    const told = answer.refusal === undefined ? "done" : refusalSentences(answer.refusal).join(" ");
    this.#said = `echo ${word} > memory${this.#block}/state → ${answer.errno === 0 ? "ok" : answer.errno}. ${told}`;
  }

  async #drive(): Promise<void> {
    const { loads } = this.#machine.pages;
    if (this.#isPinned) await loads.end("driver");
    else
      await loads.start({
        id: "driver",
        kind: "pinned",
        sizeBytes: PINNED_BYTES,
        policy: { mode: "bind", nodes: [1] },
      });
    this.#isPinned = !this.#isPinned;
    this.#said = this.#isPinned ? "A driver has pinned 16 MiB on node 1." : "The driver has ended.";
  }

  #answer(): HTMLElement {
    const answer = element("p", { class: "live-answer", role: "status" });
    answer.textContent = this.#said;
    return answer;
  }

  #chart(): HTMLElement {
    const figure = element("div", { class: "live-chart" });
    const theme = document.documentElement.classList.contains("dark") ? "dark" : "light";
    const current = this.#read(`${MEMORY}/memory${this.#block}/state`);
    figure.innerHTML = toSvg(blockMachine, { current, theme, descriptions: false, actions: false, idPrefix: "live" });
    return figure;
  }

  #zones(): HTMLElement {
    const table = element("table", { class: "live-zones" });
    const rows = this.#read("/proc/zoneinfo").matchAll(/^Node (\d+), zone +(\w+)\n([^]*?)(?=^Node|$(?![^]))/gm);
    const row = (cells: readonly string[], kind: "th" | "td"): HTMLElement => {
      const line = element("tr", {});
      for (const cell of cells) line.append(Object.assign(element(kind, {}), { textContent: cell }));
      return line;
    };
    table.append(row(["node", "zone", "spanned", "present", "free"], "th"));
    for (const [, node = "", zone = "", text = ""] of rows) {
      const count = (name: string): string => new RegExp(`^ +(?:pages )?${name} +(\\d+)`, "m").exec(text)?.[1] ?? "0";
      if (count("spanned") !== "0")
        table.append(row([node, zone, count("spanned"), count("present"), count("free")], "td"));
    }
    return table;
  }

  #blocks(): number[] {
    const names = this.#machine.files.list(MEMORY);
    return names.ok
      ? names.value.flatMap((name) => (/^memory\d+$/.test(name) ? [Number(name.slice("memory".length))] : []))
      : [];
  }

  #read(path: string): string {
    const found = this.#machine.files.read(path);
    return found.ok ? found.value.trim() : "";
  }
}

function element(name: string, attributes: Readonly<Record<string, string>>): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
