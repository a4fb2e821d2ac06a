import type { BlockColumns } from "../session/block-columns.ts";

/** What most of some neighbouring blocks are; kernel pages in one of them are told of all. */
export interface GroupLook {
  state: number;
  zone: number;
  unmovable: boolean;
}

const looks = new Int32Array(8);
const counts = new Int32Array(8);

/** Looks at the blocks from one place of the columns up to another; more than eight kinds together are not counted. */
export function groupLook({ state, zone, unmovable }: BlockColumns, from: number, to: number, into: GroupLook): void {
  let [kinds, best] = [0, 0];
  into.unmovable = false;
  for (let i = from; i < to; i++) {
    if (unmovable[i] === 1) into.unmovable = true;
    const look = ((zone[i] as number) << 8) | (state[i] as number);
    let at = 0;
    while (at < kinds && looks[at] !== look) at++;
    if (at === 8) continue;
    if (at === kinds) {
      looks[at] = look;
      counts[at] = 0;
      kinds += 1;
    }
    counts[at] = (counts[at] as number) + 1;
    if ((counts[at] as number) > (counts[best] as number)) best = at;
  }
  into.state = (looks[best] as number) & 0xff;
  into.zone = (looks[best] as number) >> 8;
}
