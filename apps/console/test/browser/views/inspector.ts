import { dimmsOf } from "@memhp/devices";
import { bootMachine, parseMachineSpec } from "@memhp/machine";
import type { Tour } from "./scene.ts";

/** What the socket of `--inspect` says of a DIMM that comes, goes online as movable and leaves again. */
export async function inspectedRun(): Promise<{ readonly first: string[]; readonly later: string[] }> {
  const spec = parseMachineSpec({ nodes: { count: 1, memory: "1G" }, slots: 2, maxmem: "4G" });
  const machine = await bootMachine(spec, { kernel: "6.12" });
  machine.autoOnline = "offline";
  const texts: string[] = [];
  const inspection = await machine.inspect({
    to: { take: ({ text }) => void texts.push(text) },
    choose: [{ attributes: { block: [[32, 33]] } }, { attributes: { device: ["memoryDevice"] } }],
  });
  const told = (): string[] => {
    inspection.local.flush();
    inspection.flush();
    return texts.splice(0);
  };
  const request = { id: "d0", memdev: "m0", sizeBytes: 2 ** 28, node: 0 };
  dimmsOf(machine).offerBackend("m0");
  await dimmsOf(machine).insert(request);
  const first = told();
  await machine.online(32, "movable");
  await dimmsOf(machine).eject("d0");
  const later = told();
  inspection.close();
  await machine.close();
  return { first, later };
}

/** The page of `--inspect`. */
export const inspectorTour: Tour = {
  at: "inspector.html",
  before: async (context) => {
    const { first, later } = await inspectedRun();
    await context.routeWebSocket(/./, (socket) => [...first, ...later].forEach((text) => socket.send(text)));
  },
  scenes: [
    {
      name: "inspector",
      views: [
        {
          name: "actors of a run",
          async show({ page, key }) {
            const block = page.getByRole("figure", { name: "block" });
            await block.locator("[data-newest]").waitFor();
            await key(block.getByRole("button", { name: /^going_offline\.isolating/ }), "Home");
            await page.getByRole("navigation", { name: "Actors" }).getByRole("listitem").first().waitFor();
          },
        },
      ],
    },
  ],
};
