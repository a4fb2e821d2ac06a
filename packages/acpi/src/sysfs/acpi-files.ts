import { done, type RefusalCode, refused, type Result } from "@memhp/abi";
import type { Acpi } from "../acpi.ts";
import { containersDirectory, deviceDirectory, heldContainers } from "./device-files.ts";
import { type AcpiFileNode, directory, link } from "./file-node.ts";
import { hotplugDirectory } from "./hotplug-files.ts";

/** One entry of a directory, as lstat(2) would tell. */
export interface AcpiFileEntry {
  readonly name: string;
  readonly kind: "dir" | "file" | "link";
  /** Permission bits. */
  readonly mode: number;
  /** Of a link, relative to the directory that it is in. */
  readonly target?: string;
}

/** The ACPI part of /sys. Paths are absolute and hold no links: `/sys/firmware/acpi/hotplug/memory/enabled`. */
export interface AcpiFiles {
  /** Directories that are wholly ACPI's, for whoever mounts them. */
  readonly roots: readonly string[];
  /** Entries of a directory by name; ENOENT, ENOTDIR. */
  list(path: string): Result<readonly AcpiFileEntry[]>;
  /** The whole file; ENOENT, EISDIR, EACCES for a file that cannot be read. */
  read(path: string): Result<string>;
  /** One write(2) of `data`, one character for each byte. @returns what write(2) returns. */
  write(path: string, data: string): Promise<Result<number>>;
}

/** The files of an ACPI bus. They are made when somebody looks, so nothing is kept of them. */
export function createAcpiFiles(acpi: Acpi): AcpiFiles {
  const roots: Readonly<Record<string, () => AcpiFileNode>> = {
    "/sys/bus/acpi": () => busDirectory("/bus/acpi", deviceLinks(acpi)),
    "/sys/bus/container": () => busDirectory("/bus/container", containerLinks(acpi)),
    "/sys/devices/LNXSYSTM:00": () => deviceDirectory(acpi, rootDevice(acpi)),
    "/sys/devices/system/container": () => containersDirectory(acpi),
    "/sys/firmware/acpi/hotplug": () => hotplugDirectory(acpi),
  };

  function find(path: string): AcpiFileNode | "ENOENT" | "ENOTDIR" {
    const root = Object.keys(roots).find((name) => path === name || path.startsWith(`${name}/`));
    let node = root === undefined ? undefined : roots[root]?.();
    for (const name of path
      .slice((root ?? "").length)
      .split("/")
      .filter(Boolean)) {
      if (node === undefined) return "ENOENT";
      if (node.kind !== "dir") return "ENOTDIR";
      node = node.entries.get(name)?.();
    }
    return node ?? "ENOENT";
  }

  return {
    roots: Object.keys(roots),
    list(path) {
      const node = find(path);
      if (typeof node === "string") return noFile(node, path);
      if (node.kind !== "dir") return noFile("ENOTDIR", path);
      return done([...node.entries].map(([name, entry]) => describe(name, entry())));
    },
    read(path) {
      const node = find(path);
      if (typeof node === "string") return noFile(node, path);
      if (node.kind === "dir") return noFile("EISDIR", path);
      return node.kind === "file" && node.read !== undefined ? done(node.read()) : noFile("EACCES", path, "write_only");
    },
    async write(path, data) {
      const node = find(path);
      if (typeof node === "string") return noFile(node, path);
      if (node.kind === "dir") return noFile("EISDIR", path);
      return node.kind === "file" && node.write !== undefined ? node.write(data) : noFile("EACCES", path, "read_only");
    },
  };
}

function busDirectory(bus: string, targets: ReadonlyMap<string, string>): AcpiFileNode {
  const links = [...targets].map(([name, devpath]) => [name, link(`${bus}/devices`, devpath)]);
  return directory({ devices: directory(Object.fromEntries(links)), drivers: directory({}) });
}

function deviceLinks(acpi: Acpi): Map<string, string> {
  return new Map([...acpi.devices()].map(({ node }) => [node.busId, node.devpath]));
}

function containerLinks(acpi: Acpi): Map<string, string> {
  return new Map(heldContainers(acpi).map(({ device, devpath }) => [device.node.busId, devpath]));
}

function rootDevice(acpi: Acpi): NonNullable<ReturnType<Acpi["device"]>> {
  const root = acpi.device("\\");
  if (root === undefined) throw new Error("memhp bug: a namespace without a root");
  return root;
}

function describe(name: string, node: AcpiFileNode): AcpiFileEntry {
  if (node.kind === "file") return { name, kind: "file", mode: node.mode };
  return node.kind === "dir"
    ? { name, kind: "dir", mode: 0o755 }
    : { name, kind: "link", mode: 0o777, target: node.target };
}

const reasons = {
  ENOENT: "the file does not exist",
  ENOTDIR: "a part of the path is no directory",
  EISDIR: "it is a directory",
  EACCES: "the file has no such permission, not even for root",
} as const;

function noFile(errno: keyof typeof reasons, path: string, code: RefusalCode = "no_entry"): ReturnType<typeof refused> {
  const detail = `${path}: ${reasons[errno]}`;
  return refused({ errno, code, rule: "facts §6.6: files of ACPI", retry: "no", remedy: [], detail });
}
