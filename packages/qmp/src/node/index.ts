export { serveQmp } from "./server.ts";
export { QmpServerError } from "./server-error.ts";

export type { QmpAddress } from "./address.ts";
export type { QmpServer, QmpServerOptions } from "./server.ts";
export type { QmpServerErrorCode } from "./server-error.ts";
