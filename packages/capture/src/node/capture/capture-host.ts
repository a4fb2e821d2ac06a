import { knownOptions } from "@memhp/abi";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { CaptureError } from "../../files/capture-error.ts";
import { discretion } from "./discretion.ts";
import type { CaptureOptions } from "./capture-options.ts";
import { type CaptureOutput, openOutput } from "./output.ts";
import type { OutputEntry } from "./output-entry.ts";
import { capturePages, type PagesCaptured } from "./capture-pages.ts";
import { ACPI_DEVICES, acpiFiles, leftOut, toldFiles, toldTrees } from "./told-paths.ts";

/** What a capture has, and what it has not. */
export interface CaptureSummary {
  /** How many files were read. */
  readonly files: number;
  readonly pages: readonly PagesCaptured[];
  /** Files that are there and could not be read, with the error's name. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** Words of the kernel's command line that were left out. */
  readonly cmdlineWordsLeftOut: number;
}

const OPTIONS: Readonly<Record<keyof CaptureOptions, true>> = { root: true, onProgress: true, signal: true };

/**
 * Records a host into an archive or a directory: files of memory and, where the caller may read them, its pages. Nothing else is
 * written. @throws CaptureError
 */
export async function captureHost(path: string, options: CaptureOptions = {}): Promise<CaptureSummary> {
  knownOptions("captureHost: options", options, OPTIONS);
  const root = options.root ?? "/";
  if (readNames(join(root, "/sys/devices/system/memory")).length === 0)
    throw new CaptureError(`${join(root, "/sys/devices/system/memory")}: not there; this kernel has no memory blocks`);
  const output = await openOutput(path);
  const abandon = (): void => output.abandon();
  options.signal?.addEventListener("abort", abandon, { once: true });
  try {
    const summary = await new HostCapture(root, output, options).run();
    await output.close();
    return summary;
  } catch (error) {
    abandon();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", abandon);
  }
}

class HostCapture {
  readonly #root: string;
  readonly #output: CaptureOutput;
  readonly #options: CaptureOptions;
  readonly #unreadable: { path: string; reason: string }[] = [];
  readonly #modes: string[] = [];
  #files = 0;
  #leftOut = 0;

  constructor(root: string, output: CaptureOutput, options: CaptureOptions) {
    this.#root = root;
    this.#output = output;
    this.#options = options;
  }

  async run(): Promise<CaptureSummary> {
    for (const tree of toldTrees) await this.#tree(tree);
    for (const name of readNames(this.#at(ACPI_DEVICES)).filter((each) => each.startsWith("PNP0C80")))
      for (const file of acpiFiles) await this.#entry(`${ACPI_DEVICES}/${name}/${file}`);
    // Counters last, so that they are of about the moment of the pages.
    for (const file of toldFiles) await this.#file(file);
    const pages = await capturePages(this.#root, (entry) => this.#put(entry), this.#options);
    for (const { file, reason } of pages) if (reason !== undefined) this.#unreadable.push({ path: file, reason });
    await this.#put({ path: "modes.tsv", mode: 0o644, text: this.#modes.join("") });
    const summary: CaptureSummary = {
      files: this.#files,
      pages,
      unreadable: this.#unreadable,
      cmdlineWordsLeftOut: this.#leftOut,
    };
    const text = `${JSON.stringify({ format: "memhp-capture/1", ...summary }, undefined, 2)}\n`;
    await this.#output.write({ path: "capture.json", mode: 0o644, text });
    return summary;
  }

  #at(path: string): string {
    return join(this.#root, path);
  }

  async #put(entry: OutputEntry): Promise<void> {
    this.#options.signal?.throwIfAborted();
    this.#files++;
    await this.#output.write(entry);
  }

  async #tree(folder: string): Promise<void> {
    const names = readNames(this.#at(folder));
    // Whoever reads `online` of a block that is going offline waits until it has gone (observed-6 §9).
    const isGoing = names.includes("state") && this.#text(`${folder}/state`)?.startsWith("going-offline") === true;
    for (const name of names) {
      const path = `${folder}/${name}`;
      if (isGoing && (name === "online" || name === "uevent"))
        this.#unread(path, 0o644, "not read: it is going offline");
      else if (!leftOut.has(name)) await this.#entry(path);
    }
  }

  async #entry(path: string): Promise<void> {
    const found = lstatSync(this.#at(path), { throwIfNoEntry: false });
    if (found === undefined) return;
    const mode = found.mode & 0o7777;
    const name = path.slice(1);
    if (found.isSymbolicLink()) await this.#put({ path: name, mode, target: readlinkSync(this.#at(path)) });
    else if (found.isDirectory()) await this.#tree(path);
    else if (found.isFile()) await this.#file(path);
  }

  async #file(path: string): Promise<void> {
    const found = lstatSync(this.#at(path), { throwIfNoEntry: false });
    if (found === undefined) return;
    const mode = found.mode & 0o7777;
    const name = path.slice(1);
    if ((mode & 0o444) === 0) {
      this.#modes.push(`${path}\t${mode.toString(8)}\t-1\n`);
      await this.#put({ path: name, mode, text: "" });
      return;
    }
    try {
      const text = readFileSync(this.#at(path), "latin1");
      const told = discretion[path]?.(text) ?? text;
      if (path === "/proc/cmdline") this.#leftOut = countWords(text) - countWords(told);
      this.#modes.push(`${path}\t${mode.toString(8)}\t0\n`);
      await this.#put({ path: name, mode, text: told });
    } catch (error) {
      const { code, errno } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      this.#modes.push(`${path}\t${mode.toString(8)}\t${Math.abs(errno ?? 5)}\n`);
      this.#unreadable.push({ path, reason: code });
      await this.#put({ path: name, mode, text: "" });
    }
  }

  #text(path: string): string | undefined {
    try {
      return readFileSync(this.#at(path), "latin1");
    } catch {
      return undefined;
    }
  }

  #unread(path: string, mode: number, reason: string): void {
    this.#modes.push(`${path}\t${mode.toString(8)}\t-1\n`);
    this.#unreadable.push({ path, reason });
  }
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function countWords(text: string): number {
  return text.trim() === "" ? 0 : text.trim().split(/\s+/).length;
}
