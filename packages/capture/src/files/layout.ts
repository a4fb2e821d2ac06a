const MEMORY = "/sys/devices/system/memory";

/** Files of /proc that tell of memory. */
const procFiles = [
  "zoneinfo",
  "pagetypeinfo",
  "buddyinfo",
  "iomem",
  "meminfo",
  "vmstat",
  "cmdline",
  "version",
  "slabinfo",
  "swaps",
] as const;

/** Whether a file can tell of memory: everything but other files of /proc, some of which never end. */
export function isToldFile(path: string): boolean {
  const match = /(?:^|\/)proc\/(.*)$/.exec(path);
  return match === null || procFiles.some((name) => name === match[1]);
}

/** Where the tree of a host begins among the files of a capture. */
export interface Home {
  /** Folder of the files that lie beside sys/ and proc/, with a slash at its end; empty for the top. */
  readonly root: string;
  /** Path on the host; undefined for a file that is none of the host's. */
  placeOf(path: string): string | undefined;
}

/**
 * Finds the first memory block. The tree may be a whole root, its sys/ alone, or the folder of memory devices alone, each
 * below any folder; other trees beside it are left out.
 */
export function homeOf(paths: Iterable<string>): Home | undefined {
  let best: Home | undefined;
  let bestLength = Number.POSITIVE_INFINITY;
  for (const path of paths) {
    const match = /^(?:(.*?)\/)?memory\d+(?:\/[^/]*)?$/.exec(path);
    if (match === null) continue;
    const folder = match[1] ?? "";
    if (folder.length >= bestLength) continue;
    if (!/(^|\/)devices\/system\/memory$/.test(folder) && !/\/(state|phys_index|valid_zones)$/.test(path)) continue;
    best = homeAt(folder);
    bestLength = folder.length;
  }
  return best;
}

function homeAt(folder: string): Home {
  const whole = /^(.*?)(^|\/)sys\/devices\/system\/memory$/.exec(folder);
  if (whole !== null) {
    const root = whole[1] === "" ? "" : `${whole[1]}/`;
    return {
      root,
      placeOf: (path) =>
        /^(sys|proc)\//.test(path.slice(root.length)) && path.startsWith(root)
          ? `/${path.slice(root.length)}`
          : undefined,
    };
  }
  const sys = /^(.*?)(^|\/)devices\/system\/memory$/.exec(folder);
  if (sys !== null) {
    const root = sys[1] === "" ? "" : `${sys[1]}/`;
    return { root, placeOf: (path) => (path.startsWith(root) ? `/sys/${path.slice(root.length)}` : undefined) };
  }
  const inside = folder === "" ? "" : `${folder}/`;
  return {
    root: inside,
    placeOf: (path) => (path.startsWith(inside) ? `${MEMORY}/${path.slice(inside.length)}` : undefined),
  };
}
