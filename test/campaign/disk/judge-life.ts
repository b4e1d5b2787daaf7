import type { Ended } from '../../e2e/livetally-process.ts';
import type { Trouble } from './faulty-disk.ts';

/** How a life ends: in order while the disk is well, in order while it is not, or killed while it is not. */
export type End = 'in order' | 'in order on a bad disk' | 'killed';

/** The kinds of trouble that a life has met. */
export type MetTroubles = Set<Trouble['kind']>;

const refusal = /^livetally run: the (store|lock file|folder) \S+ .*\n$/;
/** SQLite calls a read that the disk fails damage, and what is damaged is not gone on with. */
const unread = /the store \S+ (could not be read, and is sound now|is damaged)/;
const lostAtEnd =
  /^livetally run: (\d+ samples? could not be committed in 13 s and are lost|the store could not be closed).*\n$/;

export function wordsOfRefusal({ code, stdout, stderr }: Ended): readonly string[] {
  return code === 1 && refusal.test(stderr) ? [] : [`it did not start, with ${code}: ${stdout}${stderr}`];
}

export function wordsOfEnd(ended: Ended, end: End, met: MetTroubles, troubles: number): readonly string[] {
  const { code, signal, stdout, stderr } = ended;
  const told = [...stdout.matchAll(/the store cannot commit/g)].length;
  return [
    ...(isMeant(ended, end, met) ? [] : [`ended with ${code ?? signal}: ${stdout.slice(-2_000)}${stderr}`]),
    ...(told <= 2 * (troubles + 1) ? [] : [`${troubles} troubles were told of in ${told} lines`]),
  ];
}

function isMeant({ code, signal, stdout, stderr }: Ended, end: End, met: MetTroubles): boolean {
  const isUnread = met.has('unreadable') && unread.test(stdout + stderr);
  if (code === 1) return isUnread || (end === 'in order on a bad disk' && lostAtEnd.test(stderr));
  return end === 'killed' ? signal === 'SIGKILL' : code === 0 && stderr === '';
}
