import { createContext } from "react";
import type { Asked } from "../session/asked.ts";
import type { RemedyPlace } from "../words/remedy-commands.ts";

/** What whoever tells of a refusal needs to offer what would help. */
export interface RefusalHelp {
  readonly place: RemedyPlace;
  readonly blocked: boolean;
  readonly run: (command: Asked) => void;
  /** Shows the pages of a block. */
  readonly look: (block: number) => void;
}

/** Undefined where no machine is there to be helped. */
export const RefusalHelpContext = createContext<RefusalHelp | undefined>(undefined);
