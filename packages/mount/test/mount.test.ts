import { dimmsOf } from "@memhp/devices";
import { access } from "node:fs/promises";
import { expect, describe, test } from "vitest";
import type { Machine } from "@memhp/machine";
import { type Mount, mountAvailable, mountMachine, type MountOptions, MountUnavailable } from "../src/node/index.ts";
import { addDimm, inDirectory, machineWithDimm, pinIn, ran, shell } from "./machine.ts";

// Needs /dev/fuse and permission to mount; elsewhere these are counted as skipped.
const canMount = mountAvailable().ok;

async function mounted(
  use: (at: { readonly machine: Machine; readonly mount: Mount; readonly memory: string }) => Promise<void>,
  kernel?: string,
  options: MountOptions = {},
): Promise<void> {
  const machine = await machineWithDimm(kernel);
  await inDirectory(async (directory) => {
    const mount = await mountMachine(machine, directory, options);
    try {
      await use({ machine, mount, memory: `${mount.directory}/sys/devices/system/memory` });
    } finally {
      await mount.unmount();
      await machine.close();
    }
  });
}

describe.runIf(canMount)("a mounted machine", () => {
  const sources = [{ isPolled: true }, { isPolled: false }];
  test.each(sources)("cat and echo speak to the machine, and the shell says the kernel's errno (%j)", (options) =>
    mounted(
      async ({ machine, memory }) => {
        expect(await shell(`cat ${memory}/memory32/state; echo online_movable > ${memory}/memory32/state`)).toEqual({
          status: 0,
          stdout: "offline\n",
          stderr: "",
        });
        expect(machine.files.read("/sys/devices/system/memory/memory32/state")).toEqual({
          ok: true,
          value: "online\n",
        });
        const refused = await shell(`echo online > ${memory}/memory32/state`);
        expect(refused.stderr).toContain("write error: Invalid argument");
        expect((await shell(`echo 1 > ${memory}/memory32/phys_index`)).stderr).toContain("Permission denied");
        expect((await shell(`cat ${memory}/soft_offline_page`)).stderr).toContain("Permission denied");
        expect((await shell(`mkdir ${memory}/memory99`)).stderr).toContain("Operation not permitted");
        expect((await shell(`echo 1 > ${memory}/nothing`)).stderr).toContain("Permission denied");
      },
      "6.12",
      options,
    ),
  );

  test("sizes, modes, links and the order of directories are those of sysfs", () =>
    mounted(async ({ machine, memory }) => {
      const listed = await ran("ls", ["-lU", "--time-style=+", `${memory}/memory32`]);
      expect(listed.stdout.split("\n").map((line) => line.replaceAll(/ +/g, " "))).toEqual([
        "total 0",
        expect.stringMatching(/^lrwxrwxrwx 1 root root 0 firmware_node -> /),
        "lrwxrwxrwx 1 root root 0 node1 -> ../../node/node1",
        "-rw-r--r-- 1 root root 4096 online",
        "-r--r--r-- 1 root root 4096 phys_device",
        "-r--r--r-- 1 root root 4096 phys_index",
        "drwxr-xr-x 1 root root 0 power",
        "-r--r--r-- 1 root root 4096 removable",
        "-rw-r--r-- 1 root root 4096 state",
        "lrwxrwxrwx 1 root root 0 subsystem -> ../../../../bus/memory",
        "-rw-r--r-- 1 root root 4096 uevent",
        "-r--r--r-- 1 root root 4096 valid_zones",
        "",
      ]);
      const names = await ran("ls", ["-U", memory]);
      const list = machine.files.list("/sys/devices/system/memory");
      expect(names.stdout.trim().split("\n")).toEqual(list.ok ? list.value : []);
    }));

  test("daxctl's word with a NUL is taken whole; drmgr's eight bytes are read back; an offset starts later", () =>
    mounted(async ({ memory }) => {
      const written = await shell(`printf 'online_movable\\0' | dd of=${memory}/memory33/state bs=64 conv=notrunc`);
      expect(written.stderr).toContain("15 bytes");
      expect((await shell(`dd if=${memory}/memory33/state bs=8 count=1 2>/dev/null`)).stdout).toBe("online\n");
      expect((await shell(`dd if=${memory}/memory33/state bs=1 skip=2 2>/dev/null`)).stdout).toBe("line\n");
    }));

  test("4.1 takes one byte of a state that the block has already, and refuses the rest of the word", () =>
    mounted(async ({ memory }) => {
      await shell(`echo online > ${memory}/memory32/state`);
      const again = await ran("python3", [
        "-c",
        `import os; fd = os.open("${memory}/memory32/state", os.O_WRONLY); print(os.write(fd, b"online"))`,
      ]);
      expect(again.stdout).toBe("1\n");
    }, "4.1"));

  test("a DIMM that comes and goes is seen at once, in a directory that somebody has looked at", () =>
    mounted(async ({ machine, memory }) => {
      await addDimm(machine, "d1");
      expect((await shell(`cat ${memory}/memory40/state`)).stdout).toBe("offline\n");
      await dimmsOf(machine).eject("d1");
      expect((await shell(`cat ${memory}/memory40/state`)).stderr).toContain("No such file");
    }));

  /** Writes `offline` and answers what write(2) did when SIGUSR1 reached it, with the number of the errno. */
  const writer = (state: string): string =>
    `perl -e '$SIG{USR1} = sub {}; open(F, "+<", "${state}"); print "began $$\\n"; $| = 1; ` +
    `$r = syswrite(F, "offline"); print defined $r ? "wrote $r" : "errno " . ($! + 0)'`;

  test.each([undefined, 1])(
    "a state write waits for its offline, others answer meanwhile, a signal ends it with EINTR (speed %s)",
    (speed) =>
      mounted(
        async ({ machine, mount, memory }) => {
          const state = `${memory}/memory32/state`;
          await shell(`echo online_movable > ${state}`);
          await pinIn(machine, 32);
          const script = `${writer(state)} & for i in $(seq 300); do grep -q going ${state} && break; sleep 0.01; done; cat ${memory}/memory0/state; cat ${memory}/memory32/online; kill -USR1 $!; wait $!; cat ${state}`;
          const { stdout } = await shell(script);
          expect(stdout.replaceAll(/began \d+\n/g, "")).toBe("online\n1\nerrno 4online\n");
          await expect.poll(() => mount.counts()).toMatchObject({ waiting: 0, open: 0 });
        },
        "6.12",
        speed === undefined ? {} : { speed },
      ),
  );

  test("who waits for the hotplug lock leaves it to whoever has it when killed", () =>
    mounted(async ({ machine, mount, memory }) => {
      await shell(`echo online_movable > ${memory}/memory32/state`);
      await pinIn(machine, 32);
      const state = `${memory}/memory32/state`;
      const script = `echo offline > ${state} & first=$!
for i in $(seq 300); do grep -q going ${state} && break; sleep 0.01; done
echo online > ${memory}/memory33/state & second=$!
sleep 0.05; kill -9 $second; wait $second
cat ${state} ${memory}/memory33/state; kill -INT $first; kill -9 $first; wait $first; cat ${state} ${memory}/memory33/state`;
      const { stdout } = await shell(script);
      expect(stdout).toBe("going-offline\noffline\nonline\noffline\n");
      await expect.poll(() => mount.counts()).toMatchObject({ waiting: 0, open: 0 });
    }));

  test("files fail on purpose, asked for by the control file, and say so by themselves", () =>
    mounted(async ({ mount, memory }) => {
      const control = `${mount.directory}/.memhp/control`;
      const state = "/sys/devices/system/memory/memory32/state";
      const asks = [
        `fault ${state} write EIO once`,
        `fault ${state} read texts=going-offline,online first=2`,
        "fault /sys/devices/system/memory/memory33 lookup ENOENT first=2",
      ];
      for (const ask of asks)
        expect(await shell(`echo '${ask}' > ${control}`)).toMatchObject({ status: 0, stderr: "" });
      const script = `cat ${memory}/memory32/state ${memory}/memory32/state ${memory}/memory32/state
echo online > ${memory}/memory32/state; echo online > ${memory}/memory32/state
test -e ${memory}/memory33 || test -e ${memory}/memory33 || test -e ${memory}/memory33 && echo there at last
echo 'fault clear' > ${control}; cat ${mount.directory}/.memhp/faults`;
      const { stdout, stderr } = await shell(script);
      expect(stdout).toBe("going-offline\nonline\noffline\nthere at last\n");
      expect(stderr).toMatch(/^[^\n]*write error: Input\/output error\n$/);
    }));

  test("a write that is delayed on purpose hears signals; what the control file does not know is EINVAL, and says why", () =>
    mounted(async ({ mount, memory }) => {
      const control = `${mount.directory}/.memhp/control`;
      await shell(`echo 'fault /sys/**/memory32/state write delay=1000s' > ${control}`);
      const delayed = await shell(`timeout -s KILL 0.2 sh -c 'echo online > ${memory}/memory32/state'; echo $?`);
      expect(delayed.stdout).toBe("137\n");
      await expect.poll(() => mount.counts().waiting).toBe(0);
      expect((await shell(`cat ${memory}/memory32/state`)).stdout).toBe("offline\n");
      const wrong = await shell(`echo 'fault /x eat EIO' > ${control}; cat ${mount.directory}/.memhp/error`);
      expect(wrong.stderr).toContain("write error: Invalid argument");
      expect(wrong.stdout).toBe(
        'fault /x eat EIO: operation "eat" is not known (allowed: lookup, list, read, write)\n',
      );
    }));

  test("uevents are shown as udevadm prints them; one that is lost on purpose leaves a gap in SEQNUM", () =>
    mounted(async ({ mount, memory }) => {
      const own = `${mount.directory}/.memhp`;
      await shell(`echo 'uevent_fault online */memory33 lost' > ${own}/control
for n in 32 33 34; do echo online_movable > ${memory}/memory$n/state; done`);
      const { stdout } = await shell(`grep -E 'KERNEL|SEQNUM' ${own}/uevents`);
      expect(stdout.replaceAll(/\d+\.\d+/g, "T")).toBe(
        "KERNEL[T] online   /devices/system/memory/memory32 (memory)\nSEQNUM=1\n" +
          "KERNEL[T] online   /devices/system/memory/memory34 (memory)\nSEQNUM=3\n",
      );
    }));

  test("whoever reads the monitor waits for the next uevent, and hears signals", () =>
    mounted(async ({ mount, memory }) => {
      const script = `exec 3< ${mount.directory}/.memhp/monitor
(sleep 0.2; echo online > ${memory}/memory32/state) &
read -r line <&3; echo "$line"
timeout -s INT 0.3 cat ${mount.directory}/.memhp/monitor | tail -2; wait`;
      const { stdout } = await shell(script);
      expect(stdout.replaceAll(/\d+\.\d+/g, "T")).toBe(
        "KERNEL[T] online   /devices/system/memory/memory32 (memory)\nSEQNUM=1\n\n",
      );
      await expect.poll(() => mount.counts()).toMatchObject({ waiting: 0, open: 0 });
    }));

  test("unmounting gives the directory back, and nobody serves it twice", () =>
    mounted(async ({ machine, mount }) => {
      await expect(mountMachine(machine, mount.directory)).rejects.toThrow("another memhp serves this directory");
    }));

  test("a file cannot be mounted over", async () => {
    const machine = await machineWithDimm();
    await expect(mountMachine(machine, "/etc/passwd")).rejects.toThrow(MountUnavailable);
    await machine.close();
  });

  test("an unmounted directory is empty again", async () => {
    const machine = await machineWithDimm();
    await inDirectory(async (directory) => {
      const mount = await mountMachine(machine, directory);
      await access(`${directory}/sys`);
      await mount.unmount();
      await expect(access(`${directory}/sys`)).rejects.toThrow("ENOENT");
    });
    await machine.close();
  });
});
