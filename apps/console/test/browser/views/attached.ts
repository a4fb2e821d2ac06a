import { isReady } from "./hands.ts";
import type { Scene } from "./scene.ts";

const machine = { id: "m0", name: "db-host.yaml", kernel: "6.12", at_ns: 0, blocks: 48 };

/** The page of `memhp serve FILE`, whose machines stand beside the page's own. */
export const attachedScene: Scene = {
  name: "attached",
  at: "#attach=m0",
  tolerates: /^asked .*\/api\/v1/,
  before: async (context) => {
    await context.route("**/api/v1*", (route) => route.fulfill({ json: { version: "0", machines: [machine] } }));
    await context.routeWebSocket(/\/api\/v1\//, () => {});
  },
  views: [
    {
      name: "machines of the server",
      sides: ["machine"],
      async show({ page }) {
        await isReady(page);
        await page.getByRole("region", { name: "Machines of the server" }).waitFor();
      },
    },
  ],
};
