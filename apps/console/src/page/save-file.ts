/** Gives the person a file. */
export function saveFile(name: string, contents: string | Uint8Array | Blob): void {
  const link = document.createElement("a");
  const blob = contents instanceof Blob ? contents : new Blob([contents as BlobPart], { type: "application/json" });
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
