export { workerThreads, type WorkerThreadOptions } from "./worker-threads.ts";
