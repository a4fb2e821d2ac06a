import { type OnlineType, onlineTypes, onlineTypeWords } from "@memhp/abi";

/** sysfs_streq(): equal, or equal up to one newline at the end of what was written (facts/kernel.md §2). */
export function streq(text: string, word: string): boolean {
  return text === word || text === `${word}\n`;
}

export type StateWord = OnlineType | "offline";

/** The four words that `state` and `auto_online_blocks` understand; undefined for any other text. */
export function parseStateWord(text: string): StateWord | undefined {
  if (streq(text, "offline")) return "offline";
  return onlineTypes.find((type) => streq(text, onlineTypeWords[type]));
}

/** The word that a file shows for it. */
export function stateWord(state: StateWord): "offline" | "online" | "online_kernel" | "online_movable" {
  return state === "offline" ? "offline" : (onlineTypeWords[state] as "online" | "online_kernel" | "online_movable");
}
