import { isReady } from "./hands.ts";
import { button, drawer, form, writeTo } from "./places.ts";
import type { Scene } from "./scene.ts";

/** A machine of one's own, with what goes into it and uses it. */
export const deviceScene: Scene = {
  name: "devices",
  goesByKeyboard: true,
  views: [
    {
      name: "settings of a kernel",
      sides: ["machine"],
      async show({ page, press, choose }) {
        await choose(page.getByLabel("Kernel", { exact: true }), "6.12");
        await press(page.locator("summary", { hasText: "Kernel command line" }));
        await press(page.getByRole("checkbox", { name: "memhp_default_state" }));
        await choose(page.getByLabel("memhp_default_state value"), "offline");
        await press(page.locator("summary", { hasText: "Kernel configuration" }));
      },
    },
    {
      name: "a container",
      sides: ["machine"],
      async show({ page, write, press }) {
        await write(page.getByLabel("Container nodes"), "1");
        await press(button(page, "Boot"));
        await press(button(page, "Insert c0"));
        await isReady(page);
        await button(page, "Eject c0").waitFor();
      },
    },
    {
      name: "loads",
      sides: ["machine"],
      async show(hands) {
        const { page, press, write, choose } = hands;
        await writeTo(hands, "dimm:n1d0", "online_movable");
        await press(drawer(page, "Loads"));
        const start = form(page, "Start a load");
        for (const [label, text] of [
          ["Name", "nic"],
          ["Size", "900M"],
        ] as const)
          await write(start.getByLabel(label, { exact: true }), text);
        for (const [label, value] of [
          ["Kind", "pinned"],
          ["Where", "1"],
          ["Policy", "bind"],
        ] as const)
          await choose(start.getByLabel(label, { exact: true }), value);
        await press(button(page, "Start load"));
        await isReady(page);
        await page.getByRole("list", { name: "Running loads" }).waitFor();
      },
    },
    {
      name: "pages of a refusal",
      async show(hands) {
        const { page, press } = hands;
        await writeTo(hands, "63", "kernel pages");
        await writeTo(hands, "63", "offline");
        await press(button(page, "Show these pages of memory63").first());
        await page.getByText("The last refusal named pages").waitFor();
      },
      leave: ({ page, press }) => press(button(page, "machine")),
    },
    {
      name: "in the background",
      async show(hands) {
        const { page, press } = hands;
        await press(page.getByRole("checkbox", { name: "in background" }));
        await writeTo(hands, "57", "offline");
        await page.getByRole("region", { name: "In the background" }).waitFor();
      },
    },
  ],
};
