import type { ReactNode } from "react";
import { localWords } from "../map/block-words.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer } from "../remote/use-session.ts";

interface BlockLineProps {
  readonly session: RemoteSession;
  /** Makes the line new when the machine has changed. */
  readonly version: number;
  readonly block: number | undefined;
}

/** Details of the block under the pointer or the keyboard: what the map knows at once, then what its files say. */
export function BlockLine({ session, version, block }: BlockLineProps): ReactNode {
  const words = useAnswer(
    async () => (block === undefined ? undefined : { block, text: await session.host.words(block) }),
    [session, version, block],
  );
  const text =
    block === undefined
      ? "Point at a block, or move with the arrow keys."
      : words?.block === block
        ? words.text
        : localWords(session.columns(), session.view.blockBytes, block);
  return (
    <p className="block-line" role="status" aria-label="Block under the pointer" title={text}>
      {text}
    </p>
  );
}
