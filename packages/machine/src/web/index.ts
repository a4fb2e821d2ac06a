export { webWorkers } from "@memhp/shards/web";
