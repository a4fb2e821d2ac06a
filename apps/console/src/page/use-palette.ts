import { useEffect, useState } from "react";

/** Opens on Ctrl K anywhere, and on `?` where no text is written. */
export function usePalette(): { readonly isOpen: boolean; readonly open: () => void; readonly close: () => void } {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const isText = (event.target as HTMLElement).matches("input, textarea, select");
      const isAsked =
        (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "?" && !isText);
      if (!isAsked) return;
      event.preventDefault();
      setOpen(true);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  return { isOpen, open: () => setOpen(true), close: () => setOpen(false) };
}
