/**
 * Divides places among sources that want more of them than there are: each gets what it wants as
 * far as that is fair, and what one does not want goes to the others. Where there are enough, nobody is held back.
 */
export function sharePlaces(places: number, wanted: readonly number[]): number[] {
  if (wanted.reduce((sum, n) => sum + n, 0) <= places) return wanted.map(() => places);
  const shares = wanted.map(() => 0);
  let left = places;
  let open = [...wanted.keys()];
  while (left > 0) {
    open = open.filter((i) => (shares[i] as number) < (wanted[i] as number));
    const each = Math.max(1, Math.floor(left / open.length));
    for (const i of open) {
      const given = Math.min(each, left, (wanted[i] as number) - (shares[i] as number));
      shares[i] = (shares[i] as number) + given;
      left -= given;
    }
  }
  return shares;
}
