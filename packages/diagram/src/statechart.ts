/**
 * What is read of a machine: any `createMachine(…)` of XState 5 fits. Nothing of it is run.
 * XState types these parts with `any` inside; here they are what they are at run time.
 */
export interface Statechart {
  readonly root: StateNode;
}

/** What a state is: with children or not, parallel, final, or a memory of where it was. */
export type StateKind = "atomic" | "compound" | "parallel" | "final" | "history";

/** What is read of a state of an XState machine. */
export interface StateNode {
  readonly id: string;
  readonly key: string;
  readonly path: readonly string[];
  readonly type: StateKind;
  readonly parent?: StateNode | undefined;
  readonly states: object;
  readonly initial: object | undefined;
  readonly description?: string | undefined;
  readonly tags: readonly string[];
  readonly meta?: unknown;
  readonly transitions: ReadonlyMap<string, readonly object[]>;
  readonly always?: readonly object[] | undefined;
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly invoke: readonly object[];
  readonly history: "shallow" | "deep" | boolean;
  readonly config: object;
}

export interface Transition {
  readonly target: readonly StateNode[] | undefined;
  readonly eventType: string;
  readonly reenter: boolean;
  readonly actions: readonly unknown[];
  readonly guard?: unknown;
}
