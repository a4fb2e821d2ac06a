import { expect, test } from "vitest";
import { memhp } from "./test-host.ts";

const line =
  "qemu-system-x86_64 -M q35 -m 2G,slots=2,maxmem=8G -smp 2 -object memory-backend-ram,id=m0,size=256M -device pc-dimm,id=d0,memdev=m0 -nographic\n";

test("a QEMU command line is a machine to look at", async () => {
  const { exitCode, stdout, stderr } = await memhp(["lsmem", "vm.sh", "--kernel", "6.1"], { files: { "vm.sh": line } });
  expect(exitCode).toBe(0);
  expect(stderr).toBe("vm.sh: left out, as it says nothing of memory: -nographic\n");
  expect(stdout).toMatch(/^0x0000000100000000-0x000000010fffffff +256M +offline +32-33$/m);
});

test("what it says of memory and is not simulated is refused", async () => {
  const { exitCode, stderr } = await memhp(["lsmem", "vm.sh"], {
    files: { "vm.sh": "qemu-system-x86_64 -m 2G -device virtio-pmem-pci,memdev=m0\n" },
  });
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(
    /vm\.sh: -device virtio-pmem-pci: not simulated \(known: pc-dimm, nvdimm, virtio-mem-pci, virtio-balloon-pci\)/,
  );
});
