import type { LoadKind } from "@memhp/engine";

/** What the form of a load holds. */
export interface LoadForm {
  readonly id: string;
  readonly kind: LoadKind;
  readonly size: string;
  /** A node's number; `any`, or `all` for pages on all nodes by turns. */
  readonly where: string;
  /** How strictly a node is meant. */
  readonly policy: "prefer" | "bind";
  readonly pin: "short" | "long";
  /** Per cent of its pages that it gives back every second, and takes anew. */
  readonly churn: number;
}
