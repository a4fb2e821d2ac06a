import {
  alignDown,
  errnoFromNumber,
  errnoNumber,
  errnoText,
  formatNumberList,
  formatSize,
  memoryActions,
  notifierFromErrno,
  notifierToErrno,
  ParseError,
  parseNumberList,
  parseSize,
  type Refusal,
  refusalSentences,
  stopsChain,
} from "@memhp/abi";

// include/linux/notifier.h: NOTIFY_STOP_MASK | (NOTIFY_OK - err)
const veto = notifierFromErrno("EBUSY");
console.log(veto, stopsChain(veto), notifierToErrno(veto), errnoNumber("EBUSY"));
console.log(errnoText("EBUSY"), "|", errnoFromNumber(22));
const blockPages = parseSize("128M") / 4096;
console.log(blockPages, alignDown(0x12_3456, blockPages) / blockPages, formatSize(parseSize("2G")));
console.log(formatNumberList(parseNumberList("32-39,41,40")), memoryActions.length > 5);
const refusal: Refusal = {
  errno: "EBUSY",
  code: "unmovable_page",
  rule: "facts §4.3",
  block: 40,
  node: 1,
  retry: "no",
  remedy: ["online this range as movable"],
};
console.log(refusalSentences(refusal).length > 0, refusal.code);
try {
  parseSize("12 elephants");
} catch (error) {
  console.log(error instanceof ParseError, error instanceof Error ? error.message.includes("elephants") : "");
}
/* prints
32785 true EBUSY 16
Device or resource busy | EINVAL
32768 36 2G
32-41 true
true unmovable_page
true true
*/
