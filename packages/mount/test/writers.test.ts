import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { mountAvailable, mountMachine } from "../src/node/index.ts";
import { inDirectory, machineWithDimm, shell } from "./machine.ts";

const canMount = mountAvailable().ok;

/** Shells that write, and rounds of each; MEMHP_WRITERS=SECONDS lets them go on for longer. */
const SHELLS = 10;
const SECONDS = Number(process.env["MEMHP_WRITERS"] ?? 1);
const FIRST = 32;
const BLOCKS = 8;

describe.runIf(canMount)("ten shells that write at once", () => {
  test("each change has one winner, no state is torn, nothing is left open", { timeout: (SECONDS + 30) * 1000 }, () =>
    inDirectory(async (directory) => {
      const machine = await machineWithDimm();
      const states = new Map<number, string>();
      const moves: string[] = [];
      const torn: string[] = [];
      machine.listen((event) => {
        if (event.type !== "uevent" || event.subsystem !== "memory") return;
        const block = Number(/\d+$/.exec(event.devpath)?.[0]);
        // online and offline take turns: two winners of one change would tell the same word twice.
        if ((states.get(block) ?? "offline") === event.action) torn.push(`${event.action} twice: ${block}`);
        states.set(block, event.action);
        moves.push(event.action);
      });
      const mount = await mountMachine(machine, directory);
      const memory = `${mount.directory}/sys/devices/system/memory`;
      const descriptors = (): number => readdirSync("/proc/self/fd").length;
      const before = descriptors();
      try {
        const writer = `end=$((SECONDS + ${SECONDS})); won=0
while [ $SECONDS -lt $end ]; do
  n=$((${FIRST} + RANDOM % ${BLOCKS})); w=offline; [ $((RANDOM % 2)) = 0 ] && w=online_movable
  if echo $w 2>/dev/null > ${memory}/memory$n/state; then won=$((won + 1)); fi
  s="no state"; read -r s < ${memory}/memory$n/state
  case $s in online|offline|going-offline) ;; *) echo "torn: $s" ;; esac
done
echo won $won`;
        const killed = `for i in 1 2 3 4 5; do (while :; do echo offline > ${memory}/memory${FIRST}/state; echo online > ${memory}/memory${FIRST}/state; done) 2>/dev/null & sleep 0.1; kill -9 $!; wait $! 2>/dev/null; done; true`;
        const shells = Array.from({ length: SHELLS }, () => shell(writer));
        const killing = shell(killed);
        const said = await Promise.all(shells);
        await killing;
        const won = said.map(({ stdout }) => /^won (\d+)\n$/.exec(stdout)?.[1]);
        expect(said.map(({ stdout, stderr }) => stdout.replace(/won \d+\n/, "") + stderr)).toEqual(
          Array(SHELLS).fill(""),
        );
        expect(torn).toEqual([]);
        const sum = won.reduce((total, each) => total + Number(each), 0);
        expect(sum).toBeGreaterThan(0);
        // Each winner of the shells has its uevent; so have those that were killed before they heard of it.
        expect(moves.length).toBeGreaterThanOrEqual(sum);
        await expect.poll(() => mount.counts()).toMatchObject({ waiting: 0, open: 0 });
        for (let block = FIRST; block < FIRST + BLOCKS; block++) {
          const state = machine.files.read(`/sys/devices/system/memory/memory${block}/state`);
          expect(state).toEqual({ ok: true, value: `${states.get(block) ?? "offline"}\n` });
        }
        expect(descriptors()).toBeLessThanOrEqual(before + 1);
      } finally {
        await mount.unmount();
        await machine.close();
      }
    }),
  );
});
