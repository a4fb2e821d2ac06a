import { agent } from "./agent.ts";
import { balloon } from "./balloon.ts";
import { block } from "./block.ts";
import { offline, online } from "./bulk.ts";
import { checkpoint } from "./checkpoint.ts";
import { container } from "./container.ts";
import { dax } from "./dax.ts";
import { daxctl } from "./daxctl.ts";
import { dimmAdd } from "./dimm-add.ts";
import { dimmDel } from "./dimm-del.ts";
import { fault, unfault } from "./fault.ts";
import { inject } from "./inject.ts";
import { insmod } from "./insmod.ts";
import { kernelPages } from "./kernel-pages.ts";
import { load } from "./load.ts";
import { unload, unpin } from "./loads.ts";
import { memlog } from "./memlog.ts";
import type { Operation } from "./operation.ts";
import { probe } from "./probe.ts";
import { bg, kill, sh } from "./programs.ts";
import { qmp } from "./qmp.ts";
import { read } from "./read.ts";
import { reset } from "./reset.ts";
import { rmmod } from "./rmmod.ts";
import { settle } from "./settle.ts";
import { signal } from "./signal.ts";
import { sleep } from "./sleep.ts";
import { slowMigration } from "./slow-migration.ts";
import { snapshot } from "./snapshot.ts";
import { state } from "./state.ts";
import { tree } from "./tree.ts";
import { udev } from "./udev.ts";
import { ueventFault } from "./uevent-fault.ts";
import { vmemAdd } from "./vmem-add.ts";
import { vmemDel } from "./vmem-del.ts";
import { vmemSet } from "./vmem-set.ts";
import { wait } from "./wait.ts";
import { write } from "./write.ts";

/** Everything that a person can do to a machine, in the order of the documentation. */
export const operations: readonly Operation[] = [
  dimmAdd,
  dimmDel,
  vmemSet,
  vmemAdd,
  vmemDel,
  dax,
  daxctl,
  balloon,
  container,
  block,
  write,
  online,
  offline,
  load,
  unload,
  unpin,
  signal,
  probe,
  memlog,
  kernelPages,
  inject,
  insmod,
  rmmod,
  fault,
  unfault,
  slowMigration,
  udev,
  agent,
  ueventFault,
  settle,
  read,
  tree,
  state,
  snapshot,
  checkpoint,
  wait,
  sleep,
  sh,
  bg,
  kill,
  reset,
  qmp,
];
