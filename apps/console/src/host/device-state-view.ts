import { balloonOf, daxOf, virtioMemsOf } from "@memhp/devices";
import type { Machine } from "@memhp/machine";
import { sizeWords } from "../words/size-words.ts";
import type { DeviceStateView } from "./views.ts";

const drivers: Readonly<Record<string, string>> = { kmem: "kmem has it", device_dax: "for programs" };

/** What memory devices that are no DIMMs are at, in words. */
export function deviceStates(machine: Machine): DeviceStateView[] {
  const { balloon } = balloonOf(machine);
  return [
    ...daxOf(machine)
      .list()
      .map(({ id, sizeBytes, source, driver = "", state, blocks: { online, total } }) => {
        const has = state === "left_online" ? "left behind until the next boot" : (drivers[driver] ?? "no driver");
        const parts = [`${sizeWords(sizeBytes)} of ${source}`, has];
        return { id, words: [...parts, ...(total === 0 ? [] : [`${online} of ${total} blocks online`])].join(" · ") };
      }),
    ...virtioMemsOf(machine)
      .list()
      .map(({ id, sizeBytes, pluggedBytes, requestedBytes, state = "no driver" }) => ({
        id,
        words: `${sizeWords(pluggedBytes)} of ${sizeWords(sizeBytes)} plugged · ${sizeWords(requestedBytes)} requested · ${state.replace("_", " ")}`,
      })),
    ...(balloon === undefined
      ? []
      : [
          {
            id: balloon.id,
            words: `${sizeWords(balloon.heldBytes)} in the balloon · the guest has ${sizeWords(balloon.actualBytes)} · ${balloon.state === "unbound" ? "no driver" : balloon.state}`,
          },
        ]),
  ];
}
