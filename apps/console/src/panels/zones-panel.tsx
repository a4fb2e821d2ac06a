import type { ReactNode } from "react";
import { lookOf } from "../map/palette.ts";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useAnswer, useSession } from "../remote/use-session.ts";
import { useVirtualList } from "./virtual-list.ts";

const ROW = 20;

/** Every zone with pages, as `struct zone` has it. */
export function ZonesPanel({ session }: { readonly session: RemoteSession }): ReactNode {
  const version = useSession(session);
  const zones = useAnswer(() => session.host.zones(), [session, version]) ?? [];
  const { scroller, first, end } = useVirtualList(zones.length, ROW, false);
  return (
    <div ref={scroller} className="zones" tabIndex={0} role="region" aria-label="Zones">
      <table aria-rowcount={zones.length + 1}>
        <thead>
          <tr>
            {["node", "zone", "start pfn", "spanned", "present", "managed"].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && (
            <tr className="space" style={{ height: first * ROW }}>
              <td colSpan={6} />
            </tr>
          )}
          {zones
            .slice(first, end)
            .map(({ node, zone, name, startPfn, spannedPages, presentPages, managedPages }, i) => (
              <tr key={`${node}.${zone}`} aria-rowindex={first + i + 2}>
                <td>{node}</td>
                <td>
                  <b>{lookOf(zone).letter}</b> {name}
                </td>
                <td>{`0x${startPfn.toString(16)}`}</td>
                <td>{spannedPages.toLocaleString("en")}</td>
                <td>{presentPages.toLocaleString("en")}</td>
                <td>{managedPages.toLocaleString("en")}</td>
              </tr>
            ))}
          {end < zones.length && (
            <tr className="space" style={{ height: (zones.length - end) * ROW }}>
              <td colSpan={6} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
