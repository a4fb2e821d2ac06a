/** A capture in a test: contents by path. A link's contents begin with `-> `. */
export type SmallFiles = Readonly<Record<string, string>>;

const encoder = new TextEncoder();

/** One header of a tar archive. */
export function tarHeader(path: string, size: number, type = "0", link = ""): Uint8Array {
  const block = new Uint8Array(512);
  const put = (text: string, at: number): void => block.set(encoder.encode(text), at);
  put(path.slice(0, 100), 0);
  put("0000644\0", 100);
  put(`${size.toString(8).padStart(11, "0")}\0`, 124);
  put("        ", 148);
  put(type, 156);
  put(link.slice(0, 100), 157);
  put("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** A tar archive of the files, with its end mark. */
export function tarOf(files: SmallFiles): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [path, contents] of Object.entries(files)) {
    if (contents.startsWith("-> ")) {
      parts.push(tarHeader(path, 0, "2", contents.slice(3)));
      continue;
    }
    const bytes = encoder.encode(contents);
    const padded = new Uint8Array(Math.ceil(bytes.length / 512) * 512);
    padded.set(bytes);
    parts.push(tarHeader(path, bytes.length), padded);
  }
  parts.push(new Uint8Array(1024));
  return joined(parts);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export async function* chunksOf(bytes: Uint8Array, size = 4096): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const MEMORY = "sys/devices/system/memory";

/** Files of one block. */
export function blockFiles(block: number, { node = 0, zone = "Movable", state = "online" } = {}): SmallFiles {
  const at = `${MEMORY}/memory${block}`;
  return {
    [`${at}/state`]: `${state}\n`,
    [`${at}/valid_zones`]: `${zone}\n`,
    [`${at}/removable`]: "1\n",
    [`${at}/node${node}`]: `-> ../../node/node${node}`,
  };
}

interface SmallZone {
  readonly node?: number;
  readonly zone: string;
  readonly free: number;
  readonly min?: number;
  readonly high?: number;
  readonly managed?: number;
  readonly pcp?: readonly number[];
  readonly protection?: readonly number[];
  readonly counters?: Readonly<Record<string, number>>;
}

/** A record of /proc/zoneinfo. */
export function zoneText({
  node = 0,
  zone,
  free,
  min = 0,
  managed = 65536,
  pcp = [0],
  protection = [0, 0, 0, 0, 0],
  counters = {},
}: SmallZone): string {
  const lists = pcp.map((count, cpu) => `    cpu: ${cpu}\n              count: ${count}\n              high:  10\n`);
  return `Node ${node}, zone ${zone.padStart(8)}
  pages free     ${free}
        boost    0
        min      ${min}
        low      ${min}
        high     ${min}
        spanned  ${managed}
        present  ${managed}
        managed  ${managed}
        protection: (${protection.join(", ")})
${Object.entries(counters)
  .map(([name, count]) => `      ${name} ${count}\n`)
  .join("")}  pagesets
${lists.join("")}`;
}

/** A host of two nodes with two blocks each, all in Movable but block 8; 1.25 GiB up. */
export function smallHost(flags: string, changes: SmallFiles = {}): SmallFiles {
  return {
    [`${MEMORY}/block_size_bytes`]: "8000000\n",
    ...blockFiles(8, { zone: "Normal" }),
    ...blockFiles(9),
    ...blockFiles(10, { node: 1 }),
    ...blockFiles(11, { node: 1 }),
    "proc/version": "Linux version 6.12.107+deb13-amd64 (x) #1\n",
    "proc/iomem": "40000000-5fffffff : System RAM\n",
    "proc/zoneinfo": [
      zoneText({ zone: "Normal", free: 20000, managed: 32768 }),
      zoneText({ zone: "Movable", free: 30000, managed: 32768 }),
      zoneText({ node: 1, zone: "Movable", free: 60000 }),
    ].join(""),
    "kpageflags.runs": flags,
    ...changes,
  };
}
