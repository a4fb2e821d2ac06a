/** What is recorded of this host, and what is left out. */
export interface CaptureOptions {
  /** Root of the host's files; `/` by default. */
  readonly root?: string;
  /** Told as pages are read, and once for the files before them. */
  readonly onProgress?: (progress: { readonly pages: number; readonly total: number }) => void;
  /** Ends the capture; what was written is taken away. */
  readonly signal?: AbortSignal;
}
