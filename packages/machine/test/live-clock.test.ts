import { expect, test } from "vitest";
import { LiveClock, type Machine } from "../src/index.ts";
import { FIRST, lab, MIB, onNode } from "./lab.ts";

/** A wall clock that a test winds. */
class Wall {
  ns = 0;
  #due: { readonly atNs: number; readonly callback: () => void }[] = [];

  readonly read = (): number => this.ns;
  readonly after = (ms: number, callback: () => void): (() => void) => {
    const entry = { atNs: this.ns + ms * 1e6, callback };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((each) => each !== entry);
    };
  };

  /** Goes on, from one alarm to the next; the machine does what it has to do at each. */
  async pass(ms: number, machine: Machine): Promise<void> {
    const endNs = this.ns + ms * 1e6;
    for (;;) {
      const [next] = this.#due.toSorted((a, b) => a.atNs - b.atNs);
      if (next === undefined || next.atNs > endNs) break;
      this.#due = this.#due.filter((each) => each !== next);
      this.ns = Math.max(this.ns, next.atNs);
      next.callback();
      await machine.wait(0);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.ns = endNs;
  }
}

test("time passes as the wall clock does, at a speed; work gets on with it, and as fast as it goes afterwards", async () => {
  const { machine, online, load, runsIn, state, write } = await lab("6.1");
  await online("online_movable", FIRST);
  await load("dma", "pinned", MIB, { pin: "short", policy: onNode(1) });
  expect((await runsIn(FIRST)).some(({ page }) => page?.owner === "load:dma")).toBe(true);
  const wall = new Wall();
  const startNs = machine.nowNs;
  const clock = new LiveClock(machine, { speed: 10, wallNs: wall.read, after: wall.after });
  await wall.pass(1000, machine);
  expect(machine.nowNs - startNs).toBe(10e9);

  const offline = write(FIRST, "offline", { signalAtNs: machine.nowNs + 60e9 });
  clock.begin();
  await wall.pass(1000, machine);
  expect(state(FIRST)).toBe("going-offline\n");
  expect(machine.nowNs - startNs).toBe(20e9);
  await wall.pass(6000, machine);
  expect(await offline).toMatchObject({ errno: "EINTR" });

  clock.stop();
  await machine.pages.loads.end("dma");
  expect(await write(FIRST, "offline")).toMatchObject({ ret: 7 });
});

test("a wall clock that stood still for an hour has not gone on meanwhile", async () => {
  const { machine } = await lab("6.1");
  const wall = new Wall();
  const startNs = machine.nowNs;
  const clock = new LiveClock(machine, { speed: 1, wallNs: wall.read, after: wall.after });
  wall.ns += 3600e9;
  await wall.pass(0, machine);
  expect(machine.nowNs - startNs).toBe(1e9);
  clock.stop();
});
