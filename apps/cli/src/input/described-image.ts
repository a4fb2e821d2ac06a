import { ParseError } from "@memhp/abi";
import {
  CaptureError,
  hostImage,
  ImageImpossible,
  isHwlocXml,
  isKernelLog,
  isLsmemJson,
  isQemuLine,
  layoutHost,
  type MemoryLayout,
  parseHwlocXml,
  parseKernelLog,
  parseLsmemJson,
  parseQemuLine,
  readHost,
  treeLayout,
} from "@memhp/capture";
import { readCapture } from "@memhp/capture/node";
import { defaultKernel } from "@memhp/kernels";
import { boot, type MachineImage, parseMachineSpec, SpecError } from "@memhp/machine";
import { InputError, retold } from "../errors.ts";
import type { Host } from "../host.ts";
import type { CaptureImage, ImageOptions } from "./capture-image.ts";
import { isDirectory } from "./memory-directory.ts";

/**
 * A machine as something else than memhp describes it: what `lsmem -J` printed, a kernel's log, a topology of hwloc, a plain tree
 * of /sys. Undefined for any other file.
 * @throws InputError with what is missing, or is not simulated
 */
export async function readDescribedImage(
  path: string,
  options: ImageOptions,
  host: Host,
): Promise<CaptureImage | undefined> {
  return named(path, async () =>
    (await isDirectory(path))
      ? layoutImage(path, treeLayout(readHost(await readCapture(path))), options)
      : imageOfText(await host.readInput(path), path, options),
  );
}

/** The same for the text of a file. @param path what messages call it. @throws InputError */
export async function describedText(
  text: string,
  path: string,
  options: ImageOptions,
): Promise<CaptureImage | undefined> {
  return named(path, () => imageOfText(text, path, options));
}

/** The same for a QEMU command line. @throws InputError */
export async function qemuText(text: string, path: string, options: ImageOptions): Promise<CaptureImage | undefined> {
  if (!isQemuLine(text)) return undefined;
  return named(path, () => {
    const { machine, ignored } = parseQemuLine(text);
    const left = ignored.length === 0 ? [] : [`Left out, as it says nothing of memory: ${ignored.join(" ")}`];
    return bootedImage(path, machine, left, options);
  });
}

async function named<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  const ofFile = async (): Promise<T> =>
    retold(read, [ParseError, SpecError, ImageImpossible], InputError, `${path}: `);
  return retold(ofFile, CaptureError, InputError);
}

function imageOfText(text: string, path: string, options: ImageOptions): CaptureImage | undefined {
  if (isLsmemJson(text)) return layoutImage(path, parseLsmemJson(text, path), options);
  if (isHwlocXml(text)) {
    const { machine, layout, notes } = parseHwlocXml(text);
    if (machine === undefined) return layout === undefined ? undefined : layoutImage(path, layout, options);
    return bootedImage(path, machine, notes, options);
  }
  return isKernelLog(text) ? layoutImage(path, parseKernelLog(text, path), options) : undefined;
}

function layoutImage(path: string, layout: MemoryLayout, options: ImageOptions): CaptureImage {
  const image = hostImage(layoutHost(layout), options);
  const held = layout.blocks.filter(({ isHeld }) => isHeld === true).length;
  return {
    image,
    head: [
      `Starts with the memory that ${path} describes, on ${kernelName(image)}; ${layout.blocks.length} blocks.`,
      ...layout.notes,
      "What is in its pages nobody told: all of them are free.",
      ...(held === 0
        ? []
        : [`But ${held} blocks were not removable: each of them has one page that nobody knows, and that stays.`]),
    ],
  };
}

function bootedImage(
  path: string,
  machine: object,
  notes: readonly string[],
  { kernel = defaultKernel.id, config, seed }: ImageOptions,
): CaptureImage {
  const image = boot(parseMachineSpec(machine), {
    kernel,
    ...(config === undefined ? {} : { config }),
    ...(seed === undefined ? {} : { seed }),
  });
  return {
    image,
    head: [`Starts with the machine that ${path} describes, booted with ${kernelName(image)}.`, ...notes],
  };
}

function kernelName({ kernel }: MachineImage): string {
  return typeof kernel === "string" ? kernel : kernel.id;
}
