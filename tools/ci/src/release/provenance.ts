import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Tarball } from "./copy.ts";

/** An in-toto statement of SLSA's build provenance, v1: what came out, and of which commit. CI signs it with its identity; here nobody does. */
export interface ProvenanceStatement {
  readonly _type: "https://in-toto.io/Statement/v1";
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha512: string } }[];
  readonly predicateType: "https://slsa.dev/provenance/v1";
  readonly predicate: {
    readonly buildDefinition: {
      readonly buildType: string;
      readonly resolvedDependencies: readonly {
        readonly uri: string;
        readonly digest: { readonly gitCommit: string };
      }[];
    };
    readonly runDetails: { readonly builder: { readonly id: string } };
  };
}

/** @throws Error for a tarball that cannot be read */
export function provenance(commit: string, repository: string, tarballs: readonly Tarball[]): ProvenanceStatement {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: tarballs.map(({ name, version, file }) => ({
      name: `pkg:npm/${name.replace("@", "%40")}@${version}`,
      digest: { sha512: createHash("sha512").update(readFileSync(file)).digest("hex") },
    })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "pnpm pack",
        resolvedDependencies: [{ uri: repository, digest: { gitCommit: commit } }],
      },
      runDetails: { builder: { id: "rehearsal" } },
    },
  };
}
