import { zoneName } from "@memhp/abi";
import type { ReactNode } from "react";
import { lookOf } from "../map/palette.ts";
import type { Session } from "../session/session.ts";
import { useSession } from "../session/use-session.ts";

const SHOWN = 256;

/** Every zone with pages, as `struct zone` has it. */
export function ZonesPanel({ session }: { readonly session: Session }): ReactNode {
  useSession(session);
  const zones = [...session.machine.map.nodes.values()]
    .sort((a, b) => a.id - b.id)
    .flatMap((node) =>
      node.zones
        .filter((zone) => zone.spannedPages > 0 || zone.presentPages > 0)
        .map((zone) => ({ node: node.id, zone })),
    );
  return (
    <div className="zones" tabIndex={0} role="region" aria-label="Zones">
      <table>
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
          {zones.slice(0, SHOWN).map(({ node, zone }) => (
            <tr key={`${node}.${zone.index}`}>
              <td>{node}</td>
              <td>
                <b>{lookOf(zone.index).letter}</b> {zoneName(zone.index)}
              </td>
              <td>{`0x${zone.startPfn.toString(16)}`}</td>
              <td>{zone.spannedPages.toLocaleString("en")}</td>
              <td>{zone.presentPages.toLocaleString("en")}</td>
              <td>{zone.managedPages.toLocaleString("en")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {zones.length > SHOWN && <p className="quiet">{`and ${zones.length - SHOWN} more zones`}</p>}
    </div>
  );
}
