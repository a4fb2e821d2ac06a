/** What has to be brought to an end before the process may go, whatever ends it. */
export interface Interruption {
  /** Runs at a signal, at once and without waiting for anything. @returns what takes it back. */
  onInterrupt(end: () => void): () => void;
  /** Ends everything, the latest first. @returns what went wrong with it */
  interrupt(): unknown[];
}

export function createInterruption(): Interruption {
  const ends = new Set<() => void>();
  return {
    onInterrupt(end) {
      // Of its own, so that the same function may stand here twice.
      const entry = (): void => end();
      ends.add(entry);
      return () => void ends.delete(entry);
    },
    interrupt() {
      const errors: unknown[] = [];
      for (const end of [...ends].toReversed()) {
        ends.delete(end);
        try {
          end();
        } catch (error) {
          errors.push(error);
        }
      }
      return errors;
    },
  };
}
