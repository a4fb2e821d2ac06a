import type * as OpenViews from "../replay/open-view.ts";
import type * as Replays from "../replay/replay.ts";
import type * as Outlooks from "../session/outlook.ts";
import type * as ChartsOf from "./chart-views.ts";
import type * as Images from "./images.ts";
import type * as Later from "./later.ts";
import type * as SequenceOf from "./sequence-view.ts";

// Reading scenarios needs a YAML parser and the runner; who never opens one does not load them.
export const loadReplay = (): Promise<typeof Replays & typeof OpenViews> =>
  part("reading scenarios", async () => {
    const [replay, views] = await Promise.all([import("../replay/replay.ts"), import("../replay/open-view.ts")]);
    return { ...replay, ...views };
  });
// What a first look at a machine does not need comes right behind it, so that it is there when somebody acts.
export const loadLater = (): Promise<typeof Later> => part("acting on the machine", () => import("./later.ts"));
export const loadOutlook = (): Promise<typeof Outlooks> => part("forecasts", () => import("../session/outlook.ts"));

export const loadCharts = (): Promise<typeof ChartsOf> => part("statecharts", () => import("./chart-views.ts"));
export const loadSequence = (): Promise<typeof SequenceOf> => part("sequences", () => import("./sequence-view.ts"));
export const loadImages = (): Promise<typeof Images> => part("images of machines", () => import("./images.ts"));

/** Code that comes when it is needed, or a sentence where it does not. */
export async function part<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const why = "is the server that this page came from still there? The machine is as it was";
    throw new Error(`The code for ${name} could not be loaded: ${why}.`, { cause: error });
  }
}
