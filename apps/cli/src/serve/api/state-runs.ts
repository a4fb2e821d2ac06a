type Json = Readonly<Record<string, unknown>>;

/**
 * The state of a machine with neighbouring blocks that are alike as one: `"32-39": ["online", "Normal"]`. A large machine has many
 * blocks and few runs.
 */
export function stateInRuns(state: Json): Json {
  const runs: Record<string, unknown> = {};
  let first = 0;
  let last = -1;
  let alike = "";
  let value: unknown;
  const end = (): void => {
    if (alike !== "") runs[first === last ? `${first}` : `${first}-${last}`] = value;
  };
  for (const [key, each] of Object.entries(state["blocks"] as Json)) {
    const block = Number(key);
    const text = JSON.stringify(each);
    if (text !== alike || block !== last + 1) {
      end();
      first = block;
      alike = text;
      value = each;
    }
    last = block;
  }
  end();
  return { ...state, blocks: runs };
}
