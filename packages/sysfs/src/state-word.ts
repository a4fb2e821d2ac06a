import { type OnlineType, onlineTypes, onlineTypeWords } from "@memhp/abi";

/** sysfs_streq(): equal, or equal up to one newline at the end of what was written (facts/kernel.md §2). */
export function streq(text: string, word: string): boolean {
  return text === word || text === `${word}\n`;
}

/** The four words that `state` understands; undefined for any other text. */
export function parseStateWord(text: string): OnlineType | "offline" | undefined {
  if (streq(text, "offline")) return "offline";
  return onlineTypes.find((type) => streq(text, onlineTypeWords[type]));
}
