const MS_PER_S = 1000;

/** Says how long it will still take, from how fast it went so far. @returns `, about 3 min left` for a count of runs that ended. */
export function estimate(
  done: number,
  total: number,
  now: () => number = () => performance.now(),
): (ended: number) => string {
  const begun = now();
  return (ended) => {
    const each = (now() - begun) / Math.max(1, ended - done);
    const seconds = Math.ceil((each * (total - ended)) / MS_PER_S);
    if (seconds === 0) return "";
    if (seconds < 90) return `, about ${seconds} s left`;
    return seconds < 5400
      ? `, about ${Math.round(seconds / 60)} min left`
      : `, about ${Math.round(seconds / 3600)} h left`;
  };
}
