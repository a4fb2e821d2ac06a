/** What the agent needs of a file system. */
export interface Files {
  list(path: string): { readonly ok: boolean; readonly value?: readonly string[] };
  read(path: string): { readonly ok: boolean; readonly value?: string };
  write(path: string, data: string): PromiseLike<{ readonly errno: string | number }>;
}

const MEMORY = "/sys/devices/system/memory";
const TRIES = 3;

/** Brings every offline block online as movable; one that is refused is tried again after the others. */
export async function onlineAll(files: Files): Promise<{ online: number[]; given_up: number[] }> {
  const names = files.list(MEMORY).value ?? [];
  let waiting = names
    .flatMap((name) => (/^memory\d+$/.test(name) ? [Number(name.slice("memory".length))] : []))
    .filter((block) => files.read(`${MEMORY}/memory${block}/state`).value === "offline\n");
  const online: number[] = [];
  for (let attempt = 0; attempt < TRIES && waiting.length > 0; attempt++) {
    const refused: number[] = [];
    for (const block of waiting) {
      const { errno } = await files.write(`${MEMORY}/memory${block}/state`, "online_movable");
      (errno === 0 ? online : refused).push(block);
    }
    waiting = refused;
  }
  return { online, given_up: waiting };
}
