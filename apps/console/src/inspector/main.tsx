import { createRoot } from "react-dom/client";
import "../style/tokens.css";
import "../style/page.css";
import "../charts/charts.css";
import "./inspector.css";
import { InspectorFeed } from "./feed.ts";
import { InspectorView } from "./inspector-view.tsx";

const root = document.querySelector("#root");
if (root === null) throw new Error("the page has no #root");
createRoot(root).render(<InspectorView feed={new InspectorFeed()} />);
