import { formatNumberList, formatSize } from "@memhp/abi";
import {
  CaptureError,
  type CaptureFiles,
  countedHost,
  type Host as CapturedHost,
  hostImage,
  ImageImpossible,
  hostUnknowns,
  readArchive,
  readHost,
} from "@memhp/capture";
import { readCapture } from "@memhp/capture/node";
import { type Machine, type MachineImage, start } from "@memhp/machine";
import { InputError, retold } from "../errors.ts";
import type { ExecuteOptions } from "../execute.ts";
import type { Host } from "../host.ts";

/** A captured host as an image, and what is to be said of it first. */
export interface CaptureImage {
  readonly image: MachineImage;
  /** Lines. */
  readonly head: readonly string[];
}

/** What a host's machine may be told. */
export type ImageOptions = Pick<ExecuteOptions, "kernel" | "config" | "seed">;

/** A captured host as an image. @throws InputError where it cannot be read, or tells too little. */
export function readCaptureImage(path: string, options: ImageOptions): Promise<CaptureImage> {
  return imageOfCapture(path, () => readCapture(path), options);
}

/** The same of an archive that comes piece by piece. @param name what messages call it. @throws InputError */
export function readArchiveImage(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  options: ImageOptions,
): Promise<CaptureImage> {
  return imageOfCapture(name, () => readArchive(name, pieces), options);
}

async function imageOfCapture(
  path: string,
  readFiles: () => Promise<CaptureFiles>,
  { kernel, config, seed }: ImageOptions,
): Promise<CaptureImage> {
  const read = await retold(async () => readHost(await readFiles()), CaptureError, InputError);
  // Whoever captured it was not root.
  const captured = read.flags === undefined ? countedHost(read) : read;
  const options = {
    ...(kernel === undefined ? {} : { kernel }),
    ...(config === undefined ? {} : { config }),
    ...(seed === undefined ? {} : { seed }),
  };
  const image = retold(() => hostImage(captured, options), ImageImpossible, InputError, `${path}: `);
  return { image, head: headOf(path, captured, image) };
}

/** What the machine is, and what of it is a guess. */
function headOf(path: string, host: CapturedHost, image: MachineImage): string[] {
  const { pages, unknown, takenForFree } = hostUnknowns(host, image);
  const guess = host.missing.includes("/proc/kpageflags")
    ? " Only how many pages of each zone are free or of programs is known, not where: each block has its share."
    : ` Guessed: ${takenForFree} pages without a flag are free.`;
  const kernel = typeof image.kernel === "string" ? image.kernel : image.kernel.id;
  const nodes = formatNumberList(image.memory.nodes.pages.map(({ node }) => node));
  return [
    `Starts with the host of ${path}: Linux ${host.release ?? "of an unknown version"}, run as ${kernel}; ${host.blocks.length} blocks, node ${nodes}.`,
    `Unknown: what ${unknown} of its ${pages} pages are (they count as memory of the kernel; who is refused for one is told so).${guess}`,
    `Not in a capture: who pins a page, programs that would allocate, devices.${swapText(host)}`,
    ...(host.missing.length === 0 ? [] : [`Missing in this one: ${host.missing.join(", ")}.`]),
  ];
}

function swapText({ meminfo }: CapturedHost): string {
  const free = meminfo.get("SwapFree") ?? 0;
  if (free === 0) return "";
  return ` Swap is not simulated: the host has ${formatSize(free * 1024)} free, so an offline may find no room here and swap there.`;
}

/** Starts an image with the workers that the options ask for. */
export function startImage(image: MachineImage, { workers = 0 }: ExecuteOptions, host: Host): Promise<Machine> {
  return start(image, { workers, ...(workers === 0 ? {} : { workerFactory: host.workerFactory }) });
}
