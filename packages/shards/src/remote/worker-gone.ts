/** The worker that held a shard is gone; nothing on it can go on. */
export class WorkerGone extends Error {
  override readonly name = "WorkerGone";
}
