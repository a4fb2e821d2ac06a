import type { Uevent } from "../uevent.ts";
import type { UdevPort } from "./udev-port.ts";

export interface Substitutes {
  readonly event: Uevent;
  readonly env: ReadonlyMap<string, string>;
  readonly result: string;
  readonly port: UdevPort;
}

const FORMAT =
  /\$\$|%%|\$(kernel|number|devpath|result|sys|attr\{([^}]+)\}|env\{([^}]+)\})|%(k|n|p|c|S|s\{([^}]+)\}|E\{([^}]+)\})/g;
const short: Readonly<Record<string, string>> = { k: "kernel", n: "number", p: "devpath", c: "result", S: "sys" };

/** Replaces `$kernel`, `%k`, `$attr{state}` and the like (udev(7)). */
export function substitute(text: string, { event, env, result, port }: Substitutes): string {
  const kernel = kernelName(event.devpath);
  const values: Readonly<Record<string, string>> = {
    kernel,
    number: /\d+$/.exec(kernel)?.[0] ?? "",
    devpath: event.devpath,
    result,
    sys: "/sys",
  };
  return text.replaceAll(
    FORMAT,
    (all, long?: string, attr?: string, variable?: string, letter?: string, attr2?: string, variable2?: string) => {
      if (all === "$$" || all === "%%") return all.slice(1);
      const file = attr ?? attr2;
      if (file !== undefined) return (port.read(`/sys${event.devpath}/${file}`) ?? "").trimEnd();
      const name = variable ?? variable2;
      if (name !== undefined) return env.get(name) ?? "";
      return values[long ?? short[letter ?? ""] ?? ""] ?? "";
    },
  );
}

/** Name of a device: the last part of its path. */
export function kernelName(devpath: string): string {
  return devpath.slice(devpath.lastIndexOf("/") + 1);
}
