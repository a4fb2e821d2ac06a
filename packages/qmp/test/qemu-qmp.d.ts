// npm's qemu-qmp 0.5.0 comes without types.
declare module "qemu-qmp" {
  import type { Socket } from "node:net";

  type Callback<T> = (this: QMP, error: Error | null, value: T) => void;

  class QMP extends Socket {
    version: { qemu: { major: number; minor: number; micro: number }; package: string };
    capabilities: string[];
    // @ts-expect-error It takes other arguments than Socket's.
    connect(path: string, callback: Callback<QMP>): void;
    execute(command: string, callback: Callback<unknown>): void;
    execute(command: string, args: object, callback: Callback<unknown>): void;
  }
  export = QMP;
}
