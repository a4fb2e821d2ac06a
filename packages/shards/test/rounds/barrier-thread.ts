import { workerData } from "node:worker_threads";
import { meetOften } from "./meet-often.ts";

meetOften(workerData as Parameters<typeof meetOften>[0]);
