/** A DIMM that is plugged in before the machine starts. */
export interface ColdDimm {
  readonly id: string;
  readonly sizeBytes: number;
  readonly node: number;
  readonly memdev: string;
  /** It keeps what it holds, and is no RAM: it has a slot and addresses, and brings no memory blocks. */
  readonly nvdimm?: true;
  /** Where the user put it; without it the board chooses. */
  readonly addr?: number;
  readonly slot?: number;
}
