import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./style/tokens.css";
import "./style/page.css";
import "./style/panels.css";
import { App } from "./page/app.tsx";

const root = document.querySelector("#root");
if (root === null) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
