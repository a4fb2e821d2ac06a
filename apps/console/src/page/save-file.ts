/** Gives the person a file. */
export function saveFile(name: string, contents: string | Uint8Array | Blob, type = "application/json"): void {
  const link = document.createElement("a");
  const blob = contents instanceof Blob ? contents : new Blob([contents as BlobPart], { type });
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
