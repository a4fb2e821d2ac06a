/**
 * Divides places among sources: each gets what it wants, as far as that is fair, and what one
 * does not want goes to the others. Without wishes, all get the same.
 */
export function sharePlaces(places: number, wanted: readonly number[]): number[] {
  const shares = wanted.map(() => 0);
  let left = places;
  let open = wanted.map((_, i) => i);
  while (left > 0 && open.length > 0) {
    const each = Math.max(1, Math.floor(left / open.length));
    for (const i of open) {
      const given = Math.min(each, left, (wanted[i] as number) - (shares[i] as number));
      shares[i] = (shares[i] as number) + given;
      left -= given;
    }
    open = open.filter((i) => (shares[i] as number) < (wanted[i] as number));
  }
  // Nobody has asked for these yet; whoever does first may have them.
  const spare = shares.length === 0 ? 0 : Math.floor(left / shares.length);
  return shares.map((share) => share + spare);
}
