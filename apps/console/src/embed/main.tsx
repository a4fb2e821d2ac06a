// A machine for a page of the documentation, in a frame of its own: `embed.html?kernel=4.1&block=33&show=statechart,zones&theme=dark`.
import { createRoot } from "react-dom/client";
import "../style/tokens.css";
import "../style/page.css";
import "../style/panels.css";
import "./embed.css";
import { defaultForm } from "../session/boot-form.ts";
import { RemoteSession } from "../remote/remote-session.ts";
import type { Theme } from "../map/palette.ts";
import { Embedded } from "./embedded.tsx";

const asked = new URLSearchParams(location.search);
const place = document.querySelector<HTMLElement>("#root");
if (place === null) throw new Error("the page has no #root");

/** The page around says which theme it has, and how high this one is must be said to it: frames do not grow by themselves. */
const page = parent === self ? undefined : parent;
new ResizeObserver(() => page?.postMessage({ memhp: "height", px: place.offsetHeight }, location.origin)).observe(
  place,
);

const session = await RemoteSession.start();
// A page may show several machines, and each begins anew with the page.
await session.host.leaveNothing();
await session.boot({
  ...defaultForm,
  kernel: asked.get("kernel") ?? defaultForm.kernel,
  memory: "1G",
  dimmSize: "512M",
  cmdline: "memhp_default_state=offline",
});
const root = createRoot(place);
const draw = (theme: Theme): void => {
  document.documentElement.dataset["theme"] = theme;
  const shown = (asked.get("show") ?? "").split(",");
  root.render(<Embedded session={session} block={Number(asked.get("block") ?? 32)} shown={shown} theme={theme} />);
};
draw(asked.get("theme") === "dark" ? "dark" : "light");
addEventListener("message", ({ origin, data }: MessageEvent<{ readonly memhp?: string; readonly theme?: Theme }>) => {
  if (origin === location.origin && data.memhp === "theme") draw(data.theme === "dark" ? "dark" : "light");
});
