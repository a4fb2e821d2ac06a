import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./page/app.tsx";
import { Part } from "./page/part.tsx";

/** What `memhp sweep --serve` shows in place of a machine. */
const sweepPageOf = async () => (await import("./sweep/sweep-page.tsx")).SweepPage;

const root = document.querySelector("#root");
if (root === null) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    {/^#sweep\b/.test(location.hash) ? <Part load={sweepPageOf} name="the sweep" props={{}} /> : <App />}
  </StrictMode>,
);
