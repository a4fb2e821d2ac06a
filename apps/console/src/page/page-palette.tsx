import type { ReactNode } from "react";
import { Palette } from "../panels/palette.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useOperations } from "../remote/use-operations.ts";
import { type BootForm, type Catalogue, kernelChosen } from "../session/boot-form.ts";
import { exampleTraces } from "../session/examples.ts";
import type { Contents } from "./file-contents.ts";
import { type ThemeChoice, themeChoices } from "./theme.ts";

interface PagePaletteProps {
  readonly session: RemoteSession | undefined;
  readonly catalogue: Catalogue | undefined;
  readonly open: (source: string, text: () => Promise<Contents>) => void;
  readonly boot: (part: Partial<BootForm>) => void;
  readonly chooseTheme: (choice: ThemeChoice) => void;
  readonly chooseOperation: (op: string) => void;
  readonly share: () => void;
  readonly close: () => void;
}

const places: readonly (readonly [id: string, name: string])[] = [
  ["map", "map"],
  ["block", "chosen block"],
  ["machine", "forms of the machine"],
];

/** What this page can do, by name. */
export function PagePalette(props: PagePaletteProps): ReactNode {
  const { session, catalogue, open, boot, chooseTheme, chooseOperation, share, close } = props;
  const { operations = [] } = useOperations(session);
  const actions = [
    ...exampleTraces.map(({ title, text, file }) => ({ name: `Open ${title}`, run: () => open(file, text) })),
    ...themeChoices.map((name) => ({ name: `Theme: ${name}`, run: () => chooseTheme(name) })),
    ...(catalogue?.kernels ?? []).map(({ id, title }) => ({
      name: `Boot ${title}`,
      run: () => boot(kernelChosen(id)),
    })),
    ...operations.map(({ op, about }) => ({ name: `Do ${op}: ${about}`, run: () => chooseOperation(op) })),
    { name: "Share: link, files, pictures, events", run: share },
    ...places.map(([id, name]) => ({ name: `Go to the ${name}`, run: () => document.getElementById(id)?.focus() })),
  ];
  return <Palette actions={actions} close={close} />;
}
