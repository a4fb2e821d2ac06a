import { type ReactNode, useId, useState } from "react";
import { type Contents, contentsOf } from "../page/file-contents.ts";
import { type Example, exampleScenarios, exampleTraces } from "../session/examples.ts";

const examples = [...exampleScenarios, ...exampleTraces];

interface OpenPanelProps {
  readonly open: (source: string, text: () => Promise<Contents>) => void;
}

/** Scenarios and recorded traces: those that come with the page, and the person's own. */
export function OpenPanel({ open }: OpenPanelProps): ReactNode {
  const [chosen, setChosen] = useState(examples[0]?.file ?? "");
  const id = useId();
  const openChosen = (): void => {
    const example = examples.find(({ file }) => file === chosen);
    if (example !== undefined) open(example.file, example.text);
  };
  return (
    <section className="panel" aria-label="Open a scenario or trace">
      <h2>Scenarios and traces</h2>
      <label className="hidden" htmlFor={id}>
        Built-in example
      </label>
      <div className="row">
        <select id={id} value={chosen} onChange={(event) => setChosen(event.target.value)}>
          <Group label="Scenarios" of={exampleScenarios} />
          <Group label="Recorded from real kernels" of={exampleTraces} />
        </select>
        <button type="button" onClick={openChosen}>
          Open
        </button>
      </div>
      <label className="file">
        <span>
          Or a file of yours: a scenario, a trace, a captured host, an image, results of a sweep. It can be dropped
          anywhere, too
        </span>
        <input
          type="file"
          accept=".json,.jsonl,.yaml,.yml,.tar,.gz,.zst,.memhp"

          onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (file !== undefined) open(file.name, () => contentsOf(file));
            event.target.value = "";
          }}
        />
      </label>
    </section>
  );
}

function Group({ label, of }: { readonly label: string; readonly of: readonly Example[] }): ReactNode {
  return (
    <optgroup label={label}>
      {of.map(({ file, title }) => (
        <option key={file} value={file}>
          {title}
        </option>
      ))}
    </optgroup>
  );
}
