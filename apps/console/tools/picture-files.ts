/** Pictures of the READMEs, and how large each may be: whoever reads one waits for it. */
export const MOST_BYTES = { "console.png": 120_000, "tour.webp": 300_000 } as const;

export function pictureFile(name: keyof typeof MOST_BYTES): URL {
  return new URL(`../pictures/${name}`, import.meta.url);
}
