import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflate } from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

const installed = "/usr/bin/chromium";
const packed = fileURLToPath(new URL("../bin/", import.meta.resolve("@sparticuz/chromium")));
const unpacked = join(dirname(fileURLToPath(import.meta.url)), "../../node_modules/.cache/chromium");

// Its own arguments, not those of @sparticuz/chromium, which switch the web's security off.
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

interface Executable {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The one from the npm registry runs here. */
const isPacked = process.platform === "linux" && process.arch === "x64";

/**
 * A headless Chromium. Close it. The one from the npm registry is a shell without windows: a page costs it a third of the processor time of a
 * whole Chromium (1.4 s to 3.8 s), which opens the tabs, menus and spare pages of a window that nobody sees. MEMHP_CHROMIUM=installed takes the
 * machine's own where there is one.
 */
export async function launchChromium(...more: readonly string[]): Promise<Browser> {
  const takesInstalled = existsSync(installed) && (!isPacked || process.env["MEMHP_CHROMIUM"] === "installed");
  const { path, env } = takesInstalled ? { path: installed, env: {} } : await unpackChromium();
  return chromium.launch({
    executablePath: path,
    args: [...args, ...more],
    // Under LANG=C the shell tells pages of the language `en-US@posix`, which Intl refuses: uPlot's code throws when it is loaded.
    env: { ...(process.env as Record<string, string>), LC_ALL: "en_US.UTF-8", ...env },
    timeout: 20_000,
  });
}

/** Unpacks once; whoever comes second finds it whole. */
async function unpackChromium(): Promise<Executable> {
  if (!existsSync(unpacked)) {
    const own = `${unpacked}-${process.pid}`;
    mkdirSync(own, { recursive: true });
    const before = process.env["TMPDIR"];
    // inflate() writes to the folder for temporary files, where another's half-written copy may lie.
    process.env["TMPDIR"] = own;
    try {
      await Promise.all(["chromium.br", "al2023.tar.br", "fonts.tar.br"].map((file) => inflate(join(packed, file))));
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
    try {
      renameSync(own, unpacked);
    } catch (error) {
      rmSync(own, { recursive: true });
      if (!existsSync(unpacked)) throw error;
    }
  }
  const path = join(unpacked, "chromium");
  // nspr, nss and expat come along for machines that lack them.
  const libraries = {
    LD_LIBRARY_PATH: [join(unpacked, "al2023/lib"), process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(":"),
  };
  const fonts: Record<string, string> = existsSync("/etc/fonts") ? {} : { FONTCONFIG_PATH: join(unpacked, "fonts") };
  return { path, env: { ...fonts, ...(starts(path) ? {} : libraries) } };
}

function starts(path: string): boolean {
  return spawnSync(path, ["--no-sandbox", "--version"], { timeout: 10_000, cwd: dirname(path) }).status === 0;
}
