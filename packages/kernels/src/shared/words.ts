/** Names in a text, apart by blanks and newlines. */
export const words = (text: string): string[] => text.trim().split(/\s+/);

/** FOR_ALL_ZONES. */
export const perZone = (zones: string, ...stems: string[]): string[] =>
  stems.flatMap((stem) => words(zones).map((zone) => `${stem}_${zone}`));
