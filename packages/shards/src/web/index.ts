export { webWorkers } from "./web-workers.ts";
