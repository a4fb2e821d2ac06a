/** What a tile's colour tells; `free` and `load` are known of whole nodes. */
export const shades = ["what it is", "online", "movable", "free", "load"] as const;
export type Shade = (typeof shades)[number];
