// The worker that a machine lives in: nothing that it does holds up the page.
import * as Comlink from "comlink";
import { showLife } from "../remote/worker-end.ts";
import { SessionHost } from "./session-host.ts";

Comlink.expose(new SessionHost());
showLife();
