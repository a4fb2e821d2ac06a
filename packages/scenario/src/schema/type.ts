import type { SchemaWords } from "@memhp/devices";
import {
  Array,
  Boolean,
  Integer,
  Literal,
  Null,
  Number,
  Object,
  Optional,
  Record,
  Recursive,
  String,
  Union,
  Unknown,
  Unsafe,
} from "@sinclair/typebox";

/** What schemas are written with. TypeBox's own `Type` holds all that it knows, and no bundler can leave out what nobody uses. */
export const Type: SchemaWords["Type"] = {
  Array,
  Boolean,
  Integer,
  Literal,
  Null,
  Number,
  Object,
  Optional,
  Record,
  Recursive,
  String,
  Union,
  Unknown,
  Unsafe,
};
