import { type KeyboardEvent, type ReactNode, useId, useState } from "react";

interface Tab {
  readonly name: string;
  readonly content: ReactNode;
}

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly Tab[];
  /** The one that is shown at first; the first of all unless told otherwise. */
  readonly first?: string | undefined;
  readonly chosen?: (name: string) => void;
}

/** One list at a time; arrow keys go from tab to tab. */
export function Tabs({ label, tabs, first, chosen }: TabsProps): ReactNode {
  const id = useId();
  const [wanted, show] = useState(first ?? tabs[0]?.name);
  const setWanted = (name: string | undefined): void => {
    show(name);
    if (name !== undefined) chosen?.(name);
  };
  const current = tabs.find(({ name }) => name === wanted) ?? tabs[0];
  const moveTo = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || current === undefined) return;
    const next = tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length];
    setWanted(next?.name);
    document.getElementById(`${id}-${next?.name}`)?.focus();
    event.preventDefault();
  };
  return (
    <section className="tabs" aria-label={label}>
      <div role="tablist" aria-label={label} onKeyDown={moveTo}>
        {tabs.map((tab) => (
          <button
            key={tab.name}
            id={`${id}-${tab.name}`}
            type="button"
            role="tab"
            aria-selected={tab === current}
            aria-controls={`${id}-panel`}
            tabIndex={tab === current ? 0 : -1}
            onClick={() => setWanted(tab.name)}
          >
            {tab.name}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${current?.name}`}>
        {current?.content}
      </div>
    </section>
  );
}
