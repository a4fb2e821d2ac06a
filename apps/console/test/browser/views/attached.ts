import { isReady } from "./hands.ts";
import { failureScene, lostScene } from "./failures.ts";
import type { Scene, Tour } from "./scene.ts";

const machine = { id: "m0", name: "db-host.yaml", kernel: "6.12", at_ns: 0, blocks: 48 };

const attachedScene: Scene = {
  name: "attached",
  views: [
    {
      name: "machines of the server",
      sides: ["machine"],
      async show({ page }) {
        await isReady(page);
        await page.getByRole("region", { name: "Machines of the server" }).waitFor();
      },
    },
    {
      name: "a terminal on the server",
      async show({ page, tab, write, key }) {
        await tab("Terminal");
        await page.getByRole("status", { name: "Where lines act" }).waitFor();
        const line = page.getByLabel("Command line");
        await write(line, "echo online > memory40/state");
        await key(line, "Enter");
        await page.getByRole("log", { name: "Terminal" }).getByText("it can be watched").waitFor();
      },
    },
  ],
};

/** The page of `memhp serve FILE`, whose machines stand beside the page's own; then the server goes away, then the machine. */
export const attachedTour: Tour = {
  at: "#attach=m0",
  tolerates: /^asked .*\/api\/v1|Failed to load resource|Failed to fetch dynamically/,
  before: async (context) => {
    await context.route("**/api/v1*", (route) => route.fulfill({ json: { version: "0", machines: [machine] } }));
    await context.routeWebSocket(/\/api\/v1\//, (socket) =>
      socket.onMessage((text) => {
        const { id, type, line } = JSON.parse(String(text)) as { id: number; type: string; line: string };
        const prompt = "memhp 6.12:/sys/devices/system/memory# ";
        const texts = [{ kind: "wrong", text: `${line}: this machine is under way by itself: it can be watched\n` }];
        const answer = type === "line" ? { type: "printed", texts } : { type: "candidates", candidates: [], part: "" };
        socket.send(JSON.stringify({ id, prompt, ...answer }));
      }),
    );
  },
  scenes: [attachedScene, failureScene, lostScene],
};
