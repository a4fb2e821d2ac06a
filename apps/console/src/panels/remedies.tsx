import type { Refusal } from "@memhp/abi";
import type { ReactNode } from "react";
import { remediesOf } from "../words/remedy-commands.ts";
import type { RefusalHelp } from "./refusal-help.ts";

interface RemediesProps {
  readonly refusal: Refusal;
  readonly help: RefusalHelp;
}

/** What would help, as buttons that do what they say; and a look at the pages that stand in the way. */
export function Remedies({ refusal, help }: RemediesProps): ReactNode {
  const remedies = remediesOf(refusal, help.place);
  const { block, pages = [] } = refusal;
  const isSeen = block !== undefined && pages.length > 0;
  if (remedies.length === 0 && !isSeen) return null;
  return (
    <div className="remedies" role="group" aria-label="What would help">
      {isSeen && (
        <button type="button" onClick={() => help.look(block)}>
          {`Show these pages of memory${block}`}
        </button>
      )}
      {remedies.map(({ words, command }) => (
        <button
          key={words}
          type="button"
          aria-disabled={help.blocked}
          onClick={() => !help.blocked && help.run(command)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}
