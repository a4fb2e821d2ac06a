import { expect, test } from "vitest";
import { parseMountinfo } from "../src/node/mountpoint.ts";

test("a line of /proc/self/mountinfo: the type stands behind the dash, blanks in paths are octal (proc_pid_mountinfo(5))", () => {
  const text = `22 27 0:21 / /proc rw,relatime - proc proc rw
112 27 0:52 / /tmp/my\\040machine rw,nosuid shared:7 master:2 - fuse.memhp memhp rw,user_id=0
`;
  expect(parseMountinfo(text)).toEqual([
    { directory: "/proc", type: "proc" },
    { directory: "/tmp/my machine", type: "fuse.memhp" },
  ]);
});
