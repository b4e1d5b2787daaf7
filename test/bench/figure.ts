/** Something that `npm run bench` measures, by its name on the command line. */
export type Figure = {
  readonly name: string;
  run(context: BenchContext): Promise<readonly Measurement[]>;
};

export type BenchContext = {
  /** Shorter runs: good for a look, too noisy to be quoted. */
  readonly isQuick: boolean;
  /** Tells what goes on in a run of minutes. */
  log(line: string): void;
};

/** One line of the table. */
export type Measurement = {
  readonly figure: string;
  readonly bound: { readonly kind: 'at_most' | 'at_least'; readonly value: number };
  /** A ratio, unless `unit` says otherwise; the bound has the same unit. */
  readonly value: number;
  readonly unit?: string;
  /** What livetally took, with its unit. */
  readonly livetally: string;
  /** What the other took, with its unit, and what it is. */
  readonly beside: string;
};

export function isMet({ bound, value }: Measurement): boolean {
  return bound.kind === 'at_most' ? value <= bound.value : value >= bound.value;
}
