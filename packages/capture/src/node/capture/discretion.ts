/** Words of a kernel's command line that change what memory is, or what becomes of it. */
const memoryWords: RegExp =
  /^(mem|memmap|memblock|kernelcore|movablecore|movable_node|memhp_default_state|memory_hotplug\..*|hugepages|hugepagesz|default_hugepagesz|hugetlb_.*|numa|numa_balancing|nonuma|acpi_no_memhotplug|acpi_no_static_ssdt|crashkernel|cma|cma_pernuma|transparent_hugepage|kasan|page_owner|page_reporting|efi_fake_mem|disable_mtrr_trim|nokaslr|highmem|vmalloc|virtio_mem\..*|balloon.*)(=|$)/;

/** What is written down of a file, so that no name of a user or a program and no address of a kernel is in a capture. */
export const discretion: Readonly<Record<string, (text: string) => string>> = {
  // Words besides those of memory name disks, hosts, and at times passwords.
  "/proc/cmdline": (text) =>
    `${text
      .trim()
      .split(/\s+/)
      .filter((word) => memoryWords.test(word))
      .join(" ")}\n`,
  // Who built the kernel, and where.
  "/proc/version": (text) => text.replaceAll(/\([^()\s]+@[^()\s]+\)/g, "(x@x)"),
  // Where the kernel's image lies.
  "/proc/iomem": (text) => text.replaceAll(/^ *[0-9a-f]+-[0-9a-f]+ : Kernel .*\n/gm, ""),
  // Names of files and disks.
  "/proc/swaps": (text) => {
    let number = 0;
    return text.replaceAll(/^\/.*?(?=\s+(?:partition|file)\s+\d)/gm, () => `swap${number++}`);
  },
};
