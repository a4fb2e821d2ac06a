import { useEffect, useState, useSyncExternalStore } from "react";
import { type ActorRefFrom, createActor, type SnapshotFrom } from "xstate";
import { defaultForm } from "../session/boot-form.ts";
import { livePageMachine } from "./page-actors.ts";

type PageMachine = typeof livePageMachine;

/** The page's machine, which runs as long as the page is drawn, and where it is. */
export function usePageMachine(): readonly [page: ActorRefFrom<PageMachine>, snapshot: SnapshotFrom<PageMachine>] {
  const [page] = useState(() => createActor(livePageMachine, { input: { form: defaultForm } }));
  useEffect(() => {
    page.start();
    return () => void page.stop();
  }, [page]);
  const snapshot = useSyncExternalStore(
    (reader) => {
      const heard = page.subscribe(reader);
      return () => heard.unsubscribe();
    },
    () => page.getSnapshot(),
  );
  return [page, snapshot];
}
