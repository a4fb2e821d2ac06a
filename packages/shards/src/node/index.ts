export { nodeEndpoint } from "./node-endpoint.ts";
export { workerThreads, type WorkerThreadOptions } from "./worker-threads.ts";
