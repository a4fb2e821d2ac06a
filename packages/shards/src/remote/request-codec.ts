import type { Batch, NodeRequest } from "@memhp/hotplug";

/** A batch as it crosses to a worker: the blocks of a bulk change, mostly neighbours, as pairs of the first one and how many. */
export interface PackedBatch extends Omit<Batch, "requests"> {
  readonly requests: readonly PackedRequest[];
}

type PackedRequest = { readonly request: NodeRequest; readonly runs?: Float64Array };

const NO_BLOCKS: readonly number[] = [];

export function packBatch(batch: Batch): PackedBatch {
  return { ...batch, requests: batch.requests.map(packRequest) };
}

export function unpackBatch(packed: PackedBatch): Batch {
  return { ...packed, requests: packed.requests.map(unpackRequest) };
}

function packRequest(request: NodeRequest): PackedRequest {
  if (!("blocks" in request)) return { request };
  const { blocks } = request;
  const runs: number[] = [];
  for (let i = 0; i < blocks.length;) {
    const first = blocks[i] as number;
    let count = 1;
    while (blocks[i + count] === first + count) count++;
    runs.push(first, count);
    i += count;
  }
  return { request: { ...request, blocks: NO_BLOCKS }, runs: Float64Array.from(runs) };
}

function unpackRequest({ request, runs }: PackedRequest): NodeRequest {
  if (runs === undefined) return request;
  const blocks: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    const first = runs[i] as number;
    for (let block = first; block < first + (runs[i + 1] as number); block++) blocks.push(block);
  }
  return { ...request, blocks } as NodeRequest;
}
