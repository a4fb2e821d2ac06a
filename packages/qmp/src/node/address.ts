import { isIPv4, type ListenOptions } from "node:net";
import { QmpServerError } from "./server-error.ts";

/** Where a server listens: a unix socket, or TCP on this computer only. Port 0 takes a free one. */
export type QmpAddress = { readonly path: string } | { readonly port: number; readonly host?: string };

/**
 * What `net.Server.listen` needs. A monitor can take memory away, so nobody else's computer may reach it.
 * @throws QmpServerError `not_loopback`
 */
export function listenOptions(address: QmpAddress): ListenOptions {
  if ("path" in address) return { path: address.path };
  const host = loopback(address.host ?? "127.0.0.1");
  return { host, port: address.port, ...(host === "::1" && { ipv6Only: true }) };
}

/** `localhost` is taken for 127.0.0.1 without asking a resolver. */
function loopback(host: string): string {
  if (host === "localhost") return "127.0.0.1";
  if (host === "::1" || (isIPv4(host) && host.startsWith("127."))) return host;
  throw new QmpServerError("not_loopback", `${host} is not an address of the loopback interface`);
}
