import {
  createMemoryBackends,
  createQmpClient,
  createQmpSession,
  type MemoryDevice,
  OK,
  QmpClientError,
  type QmpEvent,
  type QmpPort,
  resolveQomPath,
} from "@memhp/qmp";

const backends = createMemoryBackends();
const dimms: MemoryDevice[] = [];
const listeners = new Set<(event: QmpEvent) => void>();
const board: QmpPort = {
  nowNs: () => 0,
  resolve: (path) => resolveQomPath(path, { backends: backends.ids(), devices: dimms.flatMap(({ id }) => id ?? []) }),
  objectAdd: (backend) => backends.add(backend),
  objectDel: (id) => backends.remove(id),
  deviceAdd({ id = "", memdev = "", node }) {
    const claim = backends.claim(memdev);
    if (!claim.ok) return claim;
    const sizeBytes = backends.get(memdev)?.sizeBytes ?? 0n;
    dimms.push({ id, memdev, addr: 2 ** 32, sizeBytes, slot: 0, node, hotplugged: true });
    return OK;
  },
  deviceDel: () => OK,
  memoryDevices: () => dimms,
  ospmStatus: () => [],
  memorySizeSummary: () => ({ baseBytes: 2 ** 31, pluggedBytes: 2 ** 29 * dimms.length }),
  quit: () => {},
  subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
};
const commands = { "x-count": () => ({ ok: true as const, value: { dimms: dimms.length } }) };
const client = createQmpClient({ send: (text) => session.receive(text) });
const session = createQmpSession(board, { commands, send: (line) => client.receive(line) });
await client.greeted;
await client.execute("qmp_capabilities");
await client.execute("object-add", { "qom-type": "memory-backend-ram", id: "m0", size: 536870912 });
await client.execute("device_add", { driver: "pc-dimm", id: "d0", memdev: "m0" });
console.log(JSON.stringify(await client.execute("query-memory-size-summary")));
console.log(JSON.stringify(await client.execute("x-count")));
const nobody = await client.execute("device_del", { id: "nobody" });
console.log(nobody.ok, nobody.ok ? "" : nobody.refusal.desc);
client.close("that is all");
console.log(await client.execute("query-status").catch((error) => error instanceof QmpClientError));
/* prints
{"ok":true,"value":{"base-memory":2147483648,"plugged-memory":536870912}}
{"ok":true,"value":{"dimms":1}}
false Device 'nobody' not found
true
*/
