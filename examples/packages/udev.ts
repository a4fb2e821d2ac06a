import {
  distributionRules,
  matchesGlob,
  monitorText,
  parseRules,
  RulesError,
  runRules,
  type UdevPort,
  type Uevent,
  ueventProperties,
} from "@memhp/udev";

const written: string[] = [];
const port: UdevPort = {
  read: (path) => (path.endsWith("/state") ? "offline\n" : undefined),
  exists: () => true,
  write: async (path, value) => {
    written.push(`${path.split("/").at(-2)}=${value}`);
    return { ok: true, value: undefined };
  },
  program: () => ({ status: 0, stdout: "x86_64\n" }),
  constant: () => "kvm",
  commandLine: "",
};
const added: Uevent = {
  action: "add",
  devpath: "/devices/system/memory/memory40",
  subsystem: "memory",
  seqnum: 12,
  atNs: 1_500_000,
  env: {},
};
const mine = parseRules(
  'SUBSYSTEM=="memory", ACTION=="add", ATTR{state}=="offline", ATTR{state}="online_movable"\n',
  "90-mine.rules",
);
await runRules([mine], added, port);
console.log(written.join(" "));
console.log(
  Object.keys(distributionRules).length > 2,
  matchesGlob("memory*", "memory40"),
  matchesGlob("node?", "node12"),
);
console.log(
  ueventProperties(added).some(([name, value]) => name === "SEQNUM" && value === "12"),
  monitorText("KERNEL", added).includes("memory40"),
);
try {
  parseRules('SUBSYSTEM=="memory", NONSENSE="x"\n', "bad.rules");
} catch (error) {
  console.log(error instanceof RulesError, error instanceof Error && error.message.includes("NONSENSE"));
}
/* prints
memory40=online_movable
true true false
true true
true true
*/
