export { connectQmp } from "./connect.ts";
export { assertListenable } from "./listen.ts";
export { serveQmp } from "./server.ts";
export { QmpServerError } from "./server-error.ts";

export type { ConnectedQmpClient } from "./connect.ts";
export type { QmpAddress } from "./address.ts";
export type { QmpServer, QmpServerOptions } from "./server.ts";
export type { QmpServerErrorCode } from "./server-error.ts";
