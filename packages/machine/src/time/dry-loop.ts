interface EventLoop {
  on(event: "beforeExit", listener: () => void): unknown;
}

/** Who waits for something that only another part of the program can bring. */
const waiting = new Set<() => void>();
let isHeard = false;

/**
 * Hears once that nothing is left in the program that could do anything: the moment at which Node would end it with exit
 * code 13. Where nobody tells of that, as in a browser, it hears of nothing.
 * @returns a function that ends it.
 */
export function whenLoopRunsDry(hear: () => void): () => void {
  const { process } = globalThis as { readonly process?: Partial<EventLoop> };
  if (!isHeard) {
    isHeard = true;
    process?.on?.("beforeExit", () => {
      const all = [...waiting];
      waiting.clear();
      for (const each of all) each();
    });
  }
  waiting.add(hear);
  return () => waiting.delete(hear);
}
