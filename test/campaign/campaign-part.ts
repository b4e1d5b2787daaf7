/** One line of the campaign's table. */
export type CampaignRow = {
  readonly test: string;
  /** How many of what, such as `100,000 configurations`. */
  readonly howMany: string;
  readonly lost: number;
  readonly doubled: number;
  /** Whatever is not as it must be: a wrong value, a crash, a secret in the open, a bound that was passed. */
  readonly wrong: number;
  /** What went wrong, and how to see it again. */
  readonly findings: readonly string[];
};

export type CampaignOptions = {
  /** Where chance begins; a part with the same seed and count does the same again. */
  readonly seed: number;
  /** How many; the part's own measure by default. */
  readonly count: number | undefined;
  readonly log: (line: string) => void;
};

/** A suite that can be run for longer than `npm test` does. */
export type CampaignPart = {
  readonly name: string;
  readonly summary: string;
  readonly run: (options: CampaignOptions) => Promise<readonly CampaignRow[]>;
};

/** The rows of a part; where it could not be run to its end, one that says so. */
export async function runPart({ name, run }: CampaignPart, options: CampaignOptions): Promise<readonly CampaignRow[]> {
  try {
    return await run(options);
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const findings = [`could not be run to its end: ${words}`];
    return [{ test: `${name}, all of it`, howMany: 'not run to its end', lost: 0, doubled: 0, wrong: 1, findings }];
  }
}

const numbers = new Intl.NumberFormat('en-US');

export function formatCount(count: number, noun: string): string {
  return `${numbers.format(count)} ${noun}`;
}

/** As Markdown, so that it can stand in the README as it is. */
export function formatTable(rows: readonly CampaignRow[]): string {
  const header = ['test', 'how many', 'lost', 'doubled', 'false'];
  const lines = rows.map(({ test, howMany, lost, doubled, wrong }) => [
    test,
    howMany,
    ...[lost, doubled, wrong].map(String),
  ]);
  return [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

export function isClean({ lost, doubled, wrong }: CampaignRow): boolean {
  return lost === 0 && doubled === 0 && wrong === 0;
}
