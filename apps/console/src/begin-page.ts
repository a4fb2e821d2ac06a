// What a first visit asks for first. The machine's worker comes beside the page's code and is at work when that is there: on a slow computer the
// one would wait long for the other.
import "./style/tokens.css";
import "./style/page.css";
import "./style/panels.css";
import { startFirst } from "./remote/first-worker.ts";

// A page of results has no machine.
if (!/^#sweep\b/.test(location.hash)) startFirst();
void import("./main.tsx");
