import { formatSize, parseNumberList } from "@memhp/abi";
import { wrap } from "../../text/wrap.ts";
import type { Layout } from "../../timeline/layout.ts";
import { briefList } from "../../timeline/uevents.ts";
import type { ExplainedVirtioMem, HeldUnits } from "./explained-virtio-mem.ts";

const INDENT = "  ";

const states: Readonly<Record<string, string>> = {
  resting: "its driver rests",
  full: "its driver waits until more of its memory is online: no more than 1G of it may be offline",
  backing_off:
    "its driver stopped short of the request, of which the kernel says nothing, and tries again by itself after 50 s at first, 300 s at most",
  broken: "its driver gave up: the kernel did not take its memory",
};

/** What is said of virtio-mem devices; undefined where there are none. */
export function virtioMemText(devices: readonly ExplainedVirtioMem[], layout: Layout): string | undefined {
  if (devices.length === 0) return undefined;
  const lines = devices.flatMap((device) => {
    const paragraph = [
      headOf(device),
      shrinkOf(device),
      ...device.stays.map(heldOf),
      ...helpOf(device),
      ...device.cannot_tell.map((what) => `Not told: ${what}.`),
    ];
    const [first = "", ...rest] = paragraph;
    return [
      ...wrap(`${INDENT}${first}`, layout.width, 2 * INDENT.length),
      ...rest.flatMap((text) => wrap(`${INDENT}${INDENT}${text}`, layout.width, 3 * INDENT.length)),
    ];
  });
  return [layout.paint("strong", "Memory of virtio-mem"), ...lines].join("\n");
}

function headOf({ id, addr, max, node, plugged, requested, unit, state }: ExplainedVirtioMem): string {
  const where = node === null ? "" : ` on node ${node}`;
  const asked = requested === null ? "" : `, ${formatSize(requested)} requested`;
  const units = unit === null ? "" : `, in units of ${formatSize(unit)}`;
  const driver = state === null ? "" : `; ${states[state] ?? "its driver is at work"}`;
  const has = requested === null ? `at most ${formatSize(plugged)} plugged` : `${formatSize(plugged)} plugged`;
  return `${id}: up to ${formatSize(max)} at 0x${addr.toString(16)}${where}; ${has}${asked}${units}${driver}.`;
}

function shrinkOf({ plugged, requested, stays, state }: ExplainedVirtioMem): string {
  if (requested !== null && state === null)
    return "No driver is loaded for it, so that no request is heard: insmod virtio_mem.";
  if (requested === null && plugged === 0) return "None of its memory is online.";
  if (plugged === 0 && requested !== 0) return "Nothing of it is plugged.";
  if (plugged === 0)
    return "Nothing of it is plugged or requested, so that QEMU since 8.1 unplugs it where it is on a root port (device_del).";
  const left = stays.reduce((sum, { bytes }) => sum + bytes, 0);
  if (left === 0)
    return "A request of 0 would get all of it back, as far as there is room for what programs have in it.";
  const atLeast = requested === null ? "at least " : "";
  return `A request of 0 would leave ${atLeast}${formatSize(left)} plugged, because of this:`;
}

function heldOf({ blocks, zone, units, bytes, held_by: holder }: HeldUnits): string {
  const list = parseNumberList(blocks);
  const where = `block${list.length === 1 ? "" : "s"} ${briefList(list)}${zone === null ? "" : ` (zone ${zone})`}`;
  if (units === null) return `${formatSize(bytes)} of ${where} holds ${holder}.`;
  return `${units === 1 ? "1 unit" : `${units} units`} (${formatSize(bytes)}) of ${where} ${units === 1 ? "holds" : "hold"} ${holder}.`;
}

function helpOf({ stays }: ExplainedVirtioMem): string[] {
  const remedies = [...new Set(stays.flatMap(({ remedy }) => remedy))];
  return remedies.length === 0 ? [] : [`What helps: ${remedies.join("; ")}.`];
}
