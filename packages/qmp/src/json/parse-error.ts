/** Why the tokens of a message make no value. Thrown and caught inside this folder only. */
export class JsonParseError extends Error {}
