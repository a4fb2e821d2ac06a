/**
 * Who is looked at one by one. A place belongs to an id: an actor that ends keeps it for the next
 * one of its name, so that the same few are seen through a long run.
 */
export class Places {
  limit: number;
  private readonly held = new Set<string>();
  private readonly asking = new Set<string>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many would be looked at if there were places for all; not counted to the end. */
  get wanted(): number {
    return this.held.size + this.asking.size;
  }

  /** Takes a place if there is one, or already is. */
  take(id: string): boolean {
    if (this.held.has(id)) return true;
    if (this.held.size < this.limit) {
      this.asking.delete(id);
      this.held.add(id);
      return true;
    }
    // Whoever divides places among sources needs no more than to know that there are many.
    if (this.asking.size < 1000) this.asking.add(id);
    return false;
  }

  /** Takes places back until no more are held than there are: those that nobody uses now, then those given last. */
  giveBack(isUsed: (id: string) => boolean): string[] {
    const latestFirst = [...this.held].toReversed();
    const order = [...latestFirst.filter((id) => !isUsed(id)), ...latestFirst.filter(isUsed)];
    const given = order.slice(0, Math.max(0, this.held.size - this.limit));
    for (const id of given) {
      this.held.delete(id);
      this.asking.add(id);
    }
    return given;
  }

  leave(id: string): void {
    this.held.delete(id);
    this.asking.delete(id);
  }

  clear(): void {
    this.held.clear();
    this.asking.clear();
  }
}
