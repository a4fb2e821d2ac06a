declare module "virtual:memhp-host-worker" {
  /** Address of the program of the worker that a machine lives in. */
  const url: string;
  export default url;
}
