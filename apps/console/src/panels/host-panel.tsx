import { type ReactNode, useEffect } from "react";
import type { HostReport } from "../host/machine-file.ts";
import { outlookLayer } from "../map/forecast-layers.ts";
import type { Layer } from "../map/layers.ts";
import { countWords } from "../words/size-words.ts";
import "./outlook.css";

interface HostPanelProps {
  readonly report: HostReport;
  readonly setLayer: (layer: Layer | undefined) => void;
}

/** A captured host: what would go offline and what would not, by the rules of its own kernel; marked on the map while it is shown. */
export function HostPanel({ report, setLayer }: HostPanelProps): ReactNode {
  useEffect(() => {
    setLayer(outlookLayer(report.groups));
    return () => setLayer(undefined);
  }, [report]);
  return (
    <div className="zones" tabIndex={0} role="region" aria-label="Captured host">
      <p>
        {`${report.source}: Linux ${report.release}, judged by ${report.rules}. `}
        <span className="quiet">{report.words.join(" ")}</span>
      </p>
      <table className="foreseen">
        <thead>
          <tr>
            {["blocks", "an offline", "which", "why"].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.groups.map(({ answer, heading, count, blocks, why }) => (
            <tr key={`${answer} ${why}`}>
              <td>{countWords(count)}</td>
              <td className="verdict" data-answer={answer}>
                {heading}
              </td>
              <td>{blocks}</td>
              <td>{why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
