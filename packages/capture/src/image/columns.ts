/** A column, equal neighbours as one: value, count, value, count … */
export class Column {
  readonly runs: number[] = [];

  add(value: number, count = 1): void {
    if (count === 0) return;
    const { length } = this.runs;
    if (length > 0 && this.runs[length - 2] === value)
      this.runs[length - 1] = (this.runs[length - 1] as number) + count;
    else this.runs.push(value, count);
  }
}
