import { Gunzip } from "fflate";
import { RunLines } from "../pages/run-lines.ts";
import type { PageRuns } from "../pages/page-runs.ts";
import { CaptureError } from "./capture-error.ts";
import { type CapturedEntry, type CaptureFiles, type PageFile, pageFiles } from "./capture-files.ts";
import { modesOf } from "./modes.ts";
import { homeOf } from "./layout.ts";

/** What is taken in of one capture; a host of 64 TiB in blocks of 2 GiB stays below a third of each. */
export const CAPTURE_LIMITS = {
  entries: 1_000_000,
  pathLength: 512,
  textBytes: 4_194_304,
  allTextBytes: 268_435_456,
  /** Of files of pages, decompressed. */
  pageBytes: 4_294_967_296,
} as const;

export type CaptureLimits = Readonly<Record<keyof typeof CAPTURE_LIMITS, number>>;

/** Takes the contents of one file, chunk by chunk. */
export interface FileSink {
  push(chunk: Uint8Array): void;
  end(): void;
}

/** Whole, or in numbered parts that follow one another. */
const runsFile: RegExp = /^(kpageflags|kpagecount|kpagecgroup)(?:\.(\d{6}))?\.runs(\.gz)?$/;

/** A file of pages that is being read. */
interface PagesRead {
  readonly lines: RunLines;
  /** Of the first part. */
  readonly path: string;
  /** Parts so far; undefined for a whole file. */
  parts: number | undefined;
  isCut: boolean;
}

/** Collects the files of a capture, from an archive or a directory, within CAPTURE_LIMITS. */
export class CaptureBuilder {
  readonly #name: string;
  readonly #limits: CaptureLimits;
  readonly #entries = new Map<string, CapturedEntry>();
  readonly #runs = new Map<PageFile, PagesRead>();
  readonly #warnings: string[] = [];
  #textBytes = 0;
  #pageBytes = 0;

  constructor(name: string, limits: CaptureLimits = CAPTURE_LIMITS) {
    this.#name = name;
    this.#limits = limits;
  }

  warn(warning: string): void {
    this.#warnings.push(warning);
  }

  directory(path: string, mode?: number): void {
    this.#put(path, { kind: "dir", ...modeOf(mode) });
  }

  /** A link is data: it is never followed on this computer. */
  link(path: string, target: string): void {
    this.#put(path, { kind: "link", target });
  }

  /** A file that is there and could not be read. */
  unreadable(path: string, mode: number, errno: number): void {
    this.#put(path, { kind: "file", mode, errno });
  }

  /** @throws CaptureError where the capture is too large, or holds runs of pages that are none. */
  file(path: string, mode?: number): FileSink {
    const clean = this.#clean(path);
    const match = runsFile.exec(clean.slice(clean.lastIndexOf("/") + 1));
    if (match === null) return this.#textFile(path, mode);
    return this.#pageFile(this.#pagesAt(clean, match[1] as PageFile, match[2]), clean, match[3] === ".gz");
  }

  /** @throws CaptureError where no memory block is among the files. */
  finish(): CaptureFiles {
    const home = homeOf(this.#entries.keys());
    if (home === undefined)
      throw new CaptureError(
        `${this.#name}: no memory blocks in it (expected sys/devices/system/memory/memory0 and so on)`,
      );
    const entries = new Map<string, CapturedEntry>();
    for (const [path, entry] of this.#entries) {
      const place = home.placeOf(path);
      if (place !== undefined) entries.set(place, entry);
    }
    const modes = this.#entries.get(`${home.root}modes.tsv`)?.text;
    if (modes !== undefined) for (const [path, told] of modesOf(modes)) this.#applyMode(entries, path, told);
    const pages: Partial<Record<PageFile, PageRuns>> = {};
    for (const name of pageFiles) {
      const found = this.#runs.get(name);
      if (found !== undefined) pages[name] = found.lines.finish(found.isCut);
    }
    return { name: this.#name, entries, pages, warnings: this.#warnings };
  }

  #applyMode(
    entries: Map<string, CapturedEntry>,
    path: string,
    { mode, errno }: { readonly mode: number; readonly errno: number },
  ): void {
    const entry = entries.get(path);
    if (entry === undefined || entry.kind !== "file") return;
    const { text: _unread, ...rest } = entry;
    entries.set(path, errno === 0 ? { ...entry, mode } : { ...rest, mode, ...(errno > 0 ? { errno } : {}) });
  }

  #textFile(path: string, mode: number | undefined): FileSink {
    const decoder = new TextDecoder("latin1");
    let text = "";
    let isTooLong = false;
    return {
      push: (chunk) => {
        if (isTooLong) return;
        if (text.length + chunk.length > this.#limits.textBytes) {
          isTooLong = true;
          text = "";
          return;
        }
        text += decoder.decode(chunk, { stream: true });
      },
      end: () => {
        this.#textBytes += text.length;
        if (this.#textBytes > this.#limits.allTextBytes)
          throw new CaptureError(`${this.#name}: more than ${this.#limits.allTextBytes} bytes of text files`);
        if (isTooLong) this.warn(`${shown(path)} is longer than ${this.#limits.textBytes} bytes and was left out`);
        this.#put(path, { kind: "file", ...modeOf(mode), ...(isTooLong ? {} : { text }) });
      },
    };
  }

  /** The file of pages to which a path belongs. */
  #pagesAt(path: string, name: PageFile, part: string | undefined): PagesRead {
    const number = part === undefined ? undefined : Number(part);
    const earlier = this.#runs.get(name);
    if (earlier === undefined) {
      if (number !== undefined && number > 0)
        throw new CaptureError(`${this.#name}: ${shown(path)} comes without the parts before it`);
      const lines = new RunLines(`${this.#name}: ${shown(path)}`);
      const read: PagesRead = { lines, path, parts: number === undefined ? undefined : 1, isCut: false };
      this.#runs.set(name, read);
      return read;
    }
    if (earlier.parts === undefined || number === undefined)
      throw new CaptureError(`${this.#name}: ${name} is in it twice (${shown(earlier.path)}, ${shown(path)})`);
    if (number !== earlier.parts)
      throw new CaptureError(`${this.#name}: ${shown(path)} comes where part ${earlier.parts} should`);
    earlier.parts++;
    return earlier;
  }

  #pageFile(read: PagesRead, path: string, isPacked: boolean): FileSink {
    const take = (chunk: Uint8Array): void => {
      this.#pageBytes += chunk.length;
      if (this.#pageBytes > this.#limits.pageBytes)
        throw new CaptureError(`${this.#name}: more than ${this.#limits.pageBytes} bytes of runs of pages`);
      read.lines.push(chunk);
    };
    const finish = (isCut: boolean): void => {
      if (!isCut) return;
      this.warn(`${shown(path)} ends too early; pages behind its end are not known`);
      read.isCut = true;
    };
    return isPacked
      ? gunzipInto(take, finish, `${this.#name}: ${shown(path)}`)
      : { push: take, end: () => finish(false) };
  }

  #put(path: string, entry: CapturedEntry): void {
    const clean = this.#clean(path);
    if (clean === "") return;
    if (this.#entries.size >= this.#limits.entries && !this.#entries.has(clean))
      throw new CaptureError(`${this.#name}: more than ${this.#limits.entries} entries`);
    this.#entries.set(clean, entry);
  }

  /** Without `./` and a slash at the end. @throws CaptureError for a path that leaves the capture. */
  #clean(path: string): string {
    if (path.length > this.#limits.pathLength)
      throw new CaptureError(
        `${this.#name}: ${shown(path)}: a path of more than ${this.#limits.pathLength} characters`,
      );
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..") || path.includes("\0"))
      throw new CaptureError(`${this.#name}: ${shown(path)}: a path that leaves the capture`);
    return parts.join("/");
  }
}

/** Unpacks in small steps, so that what is unpacked at once stays small. */
const PACKED_STEP = 16 * 1024;

function gunzipInto(take: (chunk: Uint8Array) => void, finish: (isCut: boolean) => void, place: string): FileSink {
  let isWhole = false;
  let isEmpty = true;
  const gunzip = new Gunzip((chunk, final) => {
    take(chunk);
    isWhole = final;
  });
  const push = (chunk: Uint8Array, final: boolean): void => {
    try {
      gunzip.push(chunk, final);
    } catch (error) {
      if (error instanceof CaptureError) throw error;
      throw new CaptureError(`${place}: damaged (${error instanceof Error ? error.message : String(error)})`);
    }
  };
  return {
    push(chunk) {
      if (chunk.length > 0) isEmpty = false;
      for (let at = 0; at < chunk.length; at += PACKED_STEP) push(chunk.subarray(at, at + PACKED_STEP), false);
    },
    end() {
      try {
        if (!isEmpty) gunzip.push(new Uint8Array(0), true);
      } catch (error) {
        if (error instanceof CaptureError) throw error;
        isWhole = false;
      }
      finish(!isWhole);
    },
  };
}

function modeOf(mode: number | undefined): { mode?: number } {
  return mode === undefined ? {} : { mode };
}

function shown(path: string): string {
  const text = path.replaceAll(/[^\x20-\x7e]/g, "?");
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
