// The worker's whole program; a file of the page's own, so that its bundler finds it.
import "@memhp/machine/web/worker";
import { showLife } from "../remote/worker-end.ts";

showLife();
