import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { describe, expect, test } from "vitest";
import { isQemuLine, parseQemuLine } from "../src/index.ts";

const GIB = 2 ** 30;

const line = `#!/bin/sh
qemu-system-x86_64 -M q35,accel=tcg -nodefaults -m size=2G,slots=4,maxmem=16G -smp 2 \\
  -object memory-backend-ram,id=n0,size=1G -object memory-backend-ram,id=n1,size=1G \\
  -numa node,nodeid=0,cpus=0,memdev=n0 -numa node,nodeid=1,cpus=1,memdev=n1 -numa dist,src=0,dst=1,val=21 \\
  -object memory-backend-ram,id=m0,size=512M -device pc-dimm,id=d0,memdev=m0,node=1 \\
  -kernel /boot/vmlinuz -append "console=ttyS0 movablecore=256M" -display none -device virtio-net-pci,netdev=x
`.replace("#!/bin/sh\n", "");

describe("a QEMU command line", () => {
  test("tells memory, nodes, DIMMs, distances and boot options", () => {
    expect(parseQemuLine(line).machine).toEqual({
      machine: "q35",
      memory: 2 * GIB,
      smp: 2,
      slots: 4,
      maxmem: 16 * GIB,
      nodes: [
        { nodeid: 0, mem: GIB, cpus: "0" },
        { nodeid: 1, mem: GIB, cpus: "1" },
      ],
      cmdline: "console=ttyS0 movablecore=256M",
      extra: ["-object", `memory-backend-ram,id=m0,size=${GIB / 2}`, "-device", "pc-dimm,id=d0,memdev=m0,node=1"],
      distances: [
        [10, 21],
        [21, 10],
      ],
    });
  });

  test("lists what says nothing of memory", () => {
    expect(parseQemuLine(line).ignored).toEqual([
      "-nodefaults",
      "-kernel /boot/vmlinuz",
      "-display none",
      "-device virtio-net-pci,netdev=x",
    ]);
  });

  test("is a machine that boots with its DIMM", async () => {
    const machine = await bootMachine(parseMachineSpec(parseQemuLine(line).machine), { kernel: "6.12" });
    expect([...machine.map.blocks.ids()].filter((block) => block >= 32)).toEqual([32, 33, 34, 35]);
    await machine.close();
  });

  test("a plain number of -m is MiB; nodes without a size share it", () => {
    const { machine } = parseQemuLine("qemu-system-x86_64 -m 4096 -smp cpus=4,sockets=2 -numa node -numa node");
    expect([machine.memory, machine.smp, machine.nodes.map(({ mem }) => mem)]).toEqual([
      4 * GIB,
      4,
      [2 * GIB, 2 * GIB],
    ]);
  });

  test("libvirt writes objects and devices as JSON", async () => {
    const { machine, ignored } = parseQemuLine(
      `/usr/bin/qemu-system-x86_64 -name guest=g -machine pc-q35-8.2,usb=off -m size=2097152k,slots=4,maxmem=8388608k
      -smp 2,sockets=2,cores=1,threads=1 -object '{"qom-type":"memory-backend-memfd","id":"ram-node0","share":true,"size":2147483648}'
      -numa node,nodeid=0,cpus=0-1,memdev=ram-node0
      -device '{"driver":"pcie-root-port","port":8,"chassis":1,"id":"pci.1","bus":"pcie.0","multifunction":true,"addr":"0x1"}'
      -object '{"qom-type":"memory-backend-ram","id":"memdimm0","size":536870912}'
      -device '{"driver":"pc-dimm","node":0,"memdev":"memdimm0","id":"dimm0","slot":0}'
      -device '{"driver":"virtio-balloon-pci","id":"balloon0","bus":"pci.1","addr":"0x0"}'
      -device '{"driver":"virtio-blk-pci","id":"disk0"}'`.replaceAll("\n", " "),
    );
    expect([machine.nodes, ignored]).toEqual([
      [{ nodeid: 0, mem: 2 * GIB, cpus: "0,1" }],
      ["-name guest=g", `-device {"driver":"virtio-blk-pci","id":"disk0"}`],
    ]);
    const booted = await bootMachine(parseMachineSpec(machine), { kernel: "6.12" });
    expect([...booted.map.blocks.ids()].filter((block) => block >= 32)).toEqual([32, 33, 34, 35]);
    expect(booted.spec.devices).toMatchObject({ balloon: { id: "balloon0" } });
    await booted.close();
  });

  test("objects may stand behind their devices, and NVDIMMs need the board's word", async () => {
    const text =
      "qemu-system-x86_64 -M q35,nvdimm=on -m 2G,slots=2,maxmem=8G -device nvdimm,id=n0,memdev=m0 -object memory-backend-ram,id=m0,size=1G";
    const machine = await bootMachine(parseMachineSpec(parseQemuLine(text).machine), { kernel: "6.12" });
    expect(machine.spec.devices).toMatchObject({ dimm: { cold: [{ id: "n0", nvdimm: true }] } });
    await machine.close();
  });

  test("the board's memory may be told by its backend alone, and processors by their topology alone", () => {
    const text =
      "qemu-system-x86_64 -M q35,memory-backend=ram0 -object memory-backend-ram,id=ram0,size=3G -smp sockets=2,cores=4";
    expect(parseQemuLine(text).machine).toMatchObject({ memory: 3 * GIB, maxmem: 3 * GIB, smp: 8 });
  });

  // hw/core/machine-smp.c, hw/i386/x86.c: processors are counted thread by thread, core by core, socket by socket.
  test.for([
    ["4,sockets=2,cores=2 ... socket-id=0 ... socket-id=1", ["0,1", "2,3"]],
    ["8,sockets=2,cores=2,threads=2 ... socket-id=1 ... socket-id=0", ["4,5,6,7", "0,1,2,3"]],
    ["4,sockets=1,cores=2,threads=2 ... core-id=0 ... socket-id=0,core-id=1", ["0,1", "2,3"]],
    ["4,sockets=2,dies=1,cores=2 ... socket-id=0,core-id=1 ... socket-id=1,core-id=0,thread-id=0", ["1", "2"]],
    // Of one number they are cores of a socket, before 6.2 sockets.
    ["4 ... core-id=1 ... core-id=3", ["1", "3"]],
    ["2 ... socket-id=1 ... socket-id=0", ["1", "0"]],
    // Those to come have a node too.
    ["2,maxcpus=4,sockets=2,cores=2 ... socket-id=0 ... socket-id=1", ["0,1", undefined]],
  ] as const)("-numa cpu: -smp %s", ([words, cpus]) => {
    const [smp = "", ...choices] = words.split(" ... ");
    const nodes = "-numa node,mem=1G -numa node,mem=1G";
    const chosen = choices.map((ids, node) => `-numa cpu,node-id=${node},${ids}`).join(" ");
    const { machine } = parseQemuLine(`qemu-system-x86_64 -m 2G ${chosen} ${nodes} -smp ${smp}`);
    expect(machine.nodes.map((node) => node.cpus)).toEqual(cpus);
  });

  test("processors that no word names are dealt out to nodes socket by socket", () => {
    const { machine } = parseQemuLine("qemu-system-x86_64 -m 4G -smp 8,sockets=4,cores=2 -numa node -numa node");
    expect(machine.nodes.map(({ cpus }) => cpus)).toEqual(["0,1,4,5", "2,3,6,7"]);
  });

  test.for([
    [
      "qemu-system-x86_64 -smp 2 -numa node -numa cpu,node-id=1,core-id=0",
      /-numa cpu,node-id=1: there is no such node/,
    ],
    [
      "qemu-system-x86_64 -smp 2 -numa node -numa cpu,node-id=0,core-id=2",
      /core-id=2: there is no such processor \(1 sockets, 1 dies, 1 modules, 2 cores, 1 threads\)/,
    ],
    [
      "qemu-system-x86_64 -smp 2 -numa node -numa cpu,node-id=0,cluster-id=0",
      /cluster-id is not known \(known: node-id/,
    ],
    ["qemu-system-x86_64 -smp 2,clusters=2", /-smp clusters=2: a PC has none of these/],
    ["qemu-system-x86_64 -smp 0", /-smp cpus=0/],
    ["qemu-system-aarch64 -M virt -m 2G", /only machines of qemu-system-x86_64/],
    ["qemu-system-x86_64 -M microvm -m 2G", /unknown board \(known: q35, pc\)/],
    ["qemu-system-x86_64 -m 2G -device virtio-mem-pci,memdev=x", /no -object of id "x"/],
    [
      "qemu-system-x86_64 -m 2G -device virtio-pmem-pci,memdev=x",
      /virtio-pmem-pci: not simulated \(known: pc-dimm, nvdimm/,
    ],
    ["qemu-system-x86_64 -m 2G -device pc-dimm,memdev=x", /-device pc-dimm,memdev=x: no -object of id "x"/],
    ["qemu-system-x86_64 -M q35,memory-backend=x", /-machine memory-backend: no -object of id "x"/],
    [`qemu-system-x86_64 -m 2G -device '{"driver":pc-dimm}'`, /is neither words nor JSON/],
    ["qemu-system-x86_64 -m 2G -numa hmat-lb,initiator=0", /not simulated \(known: node, dist, cpu\)/],
    ["qemu-system-x86_64 -m", /-m has no value/],
    ["qemu-system-x86_64 -m '2G", /the quote at character 23 does not end/],
    ["qemu-system-x86_64 -m lots", /bad size/],
  ] as const)("%s is refused with its word", ([text, message]) => {
    expect(() => parseQemuLine(text)).toThrow(message);
  });

  test("is told from a scenario", () => {
    expect(isQemuLine(line)).toBe(true);
    expect(isQemuLine("/usr/bin/qemu-system-x86_64 -m 2G\n")).toBe(true);
    expect(isQemuLine("format: memhp-scenario/1\n")).toBe(false);
    expect(isQemuLine('{"format": "memhp-kernel-trace/1"}')).toBe(false);
  });
});
