import { type GroupSummary, measureText, type SweepSummary, valueText } from "@memhp/sweep";
import type { ReactNode } from "react";

/** More rows nobody reads; the file and its CSV have all. */
const MOST_ROWS = 500;

/** The groups of a summary; where every run has parameters of its own, all runs as one. */
export function groupsShown({ groups, done, failed, measures }: SweepSummary): readonly GroupSummary[] {
  return groups ?? [{ parameters: {}, runs: done, failed, measures }];
}

interface GroupTableProps {
  readonly groups: readonly GroupSummary[];
  readonly measures: readonly string[];
}

/** Medians by parameters, with the 95 % interval of the median and the ends where runs differ. */
export function GroupTable({ groups, measures }: GroupTableProps): ReactNode {
  const parameters = Object.keys(groups[0]?.parameters ?? {});
  return (
    <div className="sweep-table" tabIndex={0} role="region" aria-label="Medians by parameters">
      <table>
        <thead>
          <tr>
            {[...parameters, "runs", ...measures].map((name, i) => (
              <th key={i} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.slice(0, MOST_ROWS).map((group, row) => (
            <tr key={row}>
              {parameters.map((name) => (
                <th key={name} scope="row">
                  {valueText(group.parameters[name])}
                </th>
              ))}
              <td>{group.failed === 0 ? group.runs : `${group.runs} (${group.failed} failed)`}</td>
              {measures.map((name) => (
                <td key={name}>{measureText(group.measures[name]) || "–"}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {groups.length > MOST_ROWS && <p className="quiet">{`and ${groups.length - MOST_ROWS} more`}</p>}
    </div>
  );
}
