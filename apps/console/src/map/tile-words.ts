import type { NodeUse } from "../host/node-use.ts";
import { countWords } from "../words/size-words.ts";
import type { BlockSum } from "./node-sums.ts";
import { deviceName } from "./places.ts";
import type { Shade } from "./shade-names.ts";
import { shareOf } from "./shades.ts";

/** What stands below the map of the tile under the pointer. */
export function tileWords(sum: BlockSum, shade: Shade, use: NodeUse | undefined, isFiltered: boolean): string {
  const { node, device, total, kernel, movable, offline, onItsWay, matching } = sum;
  const parts = [
    [kernel, "for the kernel"],
    [movable, "movable"],
    [onItsWay, "on their way"],
    [offline, "offline"],
  ] as const;
  const list = parts.filter(([count]) => count > 0).map(([count, name]) => `${countWords(count)} ${name}`);
  const share = shade === "what it is" ? undefined : shareOf(shade, sum, use);
  const shaded = share === undefined ? "" : ` ${Math.round(share * 100)} % ${shade}.`;
  const kept = isFiltered ? ` ${countWords(matching)} ${matching === 1 ? "matches" : "match"}.` : "";
  const name = device === undefined ? `node ${node}` : `node ${node}, ${deviceName(device)}`;
  return `${name}: ${countWords(total)} ${total === 1 ? "block" : "blocks"}, ${list.join(", ")}.${shaded}${kept} Enter shows ${total === 1 ? "it" : "them"}.`;
}
