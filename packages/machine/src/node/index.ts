export { workerThreads, type WorkerThreadOptions } from "@memhp/shards/node";
