export { platformOf, platforms } from "./platforms.ts";
export type { BoardMemory, ByteRange, FirmwareEntry, Platform } from "./platform.ts";
