import * as z from 'zod';
import { runLivetally } from '../e2e/livetally-process.ts';

const report = z.object({
  looked: z.object({ samples: z.number(), windows: z.number(), points: z.number() }).loose(),
  findings: z.array(z.object({ kind: z.string(), count: z.number() }).loose()),
  notes: z.array(z.string()),
});

/** What `verify` has to say of a store and its database, in the words of the campaign's table. */
export type VerifiedRun = {
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
  readonly findings: readonly string[];
  /** How much it has looked at. */
  readonly looked: { readonly samples: number; readonly windows: number; readonly points: number };
};

/** Runs `livetally verify` as an operator does. Throws where it cannot tell. */
export async function verifyRun(
  config: string,
  environment: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): Promise<VerifiedRun> {
  const args = ['verify', '--config', config, '--json', ...options];
  const { code, stdout, stderr } = await runLivetally(args, environment);
  if (stderr !== '') throw new Error(`verify could not be run: ${stderr}`);
  const verified = readVerified(stdout);
  if ((code === 0) !== (verified.findings.length === 0)) throw new Error(`verify ended with ${code}: ${stdout}`);
  return verified;
}

/** Reads what `verify --json` has printed. */
export function readVerified(json: string): VerifiedRun {
  const { looked, findings, notes } = report.parse(JSON.parse(json));
  const count = (isMeant: (kind: string) => boolean) =>
    findings.filter(({ kind }) => isMeant(kind)).reduce((sum, finding) => sum + finding.count, 0);
  const isLost = (kind: string) => kind === 'missing_point' || kind === 'row';
  const isDoubled = (kind: string) => kind === 'unknown_point' || kind === 'doubled_row';
  return {
    lost: count(isLost),
    doubled: count(isDoubled),
    // A note is something that verify could not make out: in the campaign there is nothing of that kind.
    wrong: count((kind) => !isLost(kind) && !isDoubled(kind)) + notes.length,
    findings: [...findings.map((finding) => JSON.stringify(finding)), ...notes],
    looked,
  };
}
