import { Component, type ComponentType, type ReactNode, useEffect, useState } from "react";

interface PartProps<Props> {
  readonly load: () => Promise<ComponentType<Props>>;
  /** What it is, for the sentence that says it is not there. */
  readonly name: string;
  readonly props: Props;
}

/** What became of a load. */
type Loaded<Props> = { readonly of: PartProps<Props>["load"] } & (
  | { readonly is: ComponentType<Props> }
  | { readonly failed: unknown }
);

/** A part of the page whose code comes when it is needed. Where it does not come, the rest stays, and it can be tried again. */
export function Part<Props extends object>({ load, name, props }: PartProps<Props>): ReactNode {
  const [newest, setLoaded] = useState<Loaded<Props> | undefined>();
  const [attempt, setAttempt] = useState(0);
  const [triedAnew, setTriedAnew] = useState<PartProps<Props>["load"] | undefined>();
  useEffect(() => {
    let isWanted = true;
    load().then(
      (is) => isWanted && setLoaded({ of: load, is }),
      (failed: unknown) => isWanted && setLoaded({ of: load, failed }),
    );
    return () => {
      isWanted = false;
    };
  }, [load, attempt]);
  // Another part may stand in the place of the one before.
  const loaded = newest?.of === load ? newest : undefined;
  if (loaded === undefined) return <p className="quiet">Loading…</p>;
  if ("is" in loaded) {
    const { is: Is } = loaded;
    return (
      <Boundary name={name}>
        <Is {...props} />
      </Boundary>
    );
  }
  const missing = `The code of ${name} could not be loaded`;
  // Many browsers (Chromium up to 153 among them) remember of each file of code that it did not load, and ask no server for it again.
  if (triedAnew === load)
    return (
      <Missing
        text={`${missing} again. Many browsers ask for such a file only once: load the page anew. The machine comes back as it was last kept.`}
        deed="Load the page anew"
        again={() => location.reload()}
      />
    );
  return (
    <Missing
      text={`${missing}: is the server that this page came from still there? The machine is as it was.`}
      again={() => {
        setLoaded(undefined);
        setAttempt(attempt + 1);
        setTriedAnew(() => load);
      }}
    />
  );
}

interface BoundaryProps {
  readonly name: string;
  readonly children: ReactNode;
}

/** An exception in one part of the page leaves the others alone. */
export class Boundary extends Component<BoundaryProps, { readonly error: Error | undefined }> {
  override state: { readonly error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <Missing
        text={`This is a bug of memhp: ${this.props.name} cannot be shown (${error.message}). The machine is as it was.`}
        again={() => this.setState({ error: undefined })}
      />
    );
  }
}

interface MissingProps {
  readonly text: string;
  /** What the button says. */
  readonly deed?: string;
  readonly again: () => void;
}

export function Missing({ text, deed = "Try again", again }: MissingProps): ReactNode {
  return (
    <div className="missing" role="alert">
      <p>{text}</p>
      <button type="button" onClick={again}>
        {deed}
      </button>
    </div>
  );
}
