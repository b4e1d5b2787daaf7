import type { Fault } from '../../../src/simulator/fault.ts';
import type { Dice } from '../dice.ts';
import type { ConnectionFault } from '../sink/tcp-proxy.ts';

/** What is wrong from one second of the run to another. */
export type Episode<Trouble> = {
  readonly name: string;
  readonly fromSecond: number;
  readonly toSecond: number;
  readonly trouble: Trouble;
};

export type SinkTrouble =
  | { readonly kind: 'refused' }
  | { readonly kind: 'connection'; readonly fault: ConnectionFault }
  /** The server ends at the beginning, and is back at the end. */
  | { readonly kind: 'restart'; readonly signal: NodeJS.Signals };

export type FaultPlan = {
  readonly sink: readonly Episode<SinkTrouble>[];
  readonly upstream: readonly Episode<readonly Fault[]>[];
};

/** By then the program has compiled what it runs all the time. */
export const warmUpSeconds = 15;
/** What an endpoint may take after a trouble to be back at its full rate: that comes back by a twentieth a second. */
export const recoverySeconds = 30;
/** Then all is well for so long at the least, also in a short run. */
const leastWellSeconds = 20;

const htmlPage = '<html><body>502 Bad Gateway</body></html>';
const badGateway = `HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: ${htmlPage.length}\r\nconnection: close\r\n\r\n${htmlPage}`;

const sinkTroubles: Readonly<Record<string, (dice: Dice) => SinkTrouble>> = {
  refused: () => ({ kind: 'refused' }),
  'black hole': () => connection({ kind: 'black_hole' }),
  'requests reset': (dice) => connection({ kind: 'cut_request', afterBytes: dice.below(20_000) }),
  'answers lost': (dice) => connection({ kind: 'cut_answer', afterBytes: dice.below(100) }),
  'slow answers': (dice) => connection({ kind: 'drip', everyMs: 5 + dice.below(60) }),
  'a proxy that answers 502': (dice) =>
    connection({ kind: 'answer', response: badGateway, isForwarded: dice.oneIn(2) }),
  'stopped and started': () => ({ kind: 'restart', signal: 'SIGTERM' }),
  'killed and started': () => ({ kind: 'restart', signal: 'SIGKILL' }),
};

const connection = (fault: ConnectionFault): SinkTrouble => ({ kind: 'connection', fault });

/** None of them may stop an endpoint for long: what does, such as a lock, is none of a soak's business. */
const upstreamTroubles: Readonly<Record<string, (dice: Dice) => readonly Fault[]>> = {
  'passing errors': (dice) => [{ kind: 'code', code: 60008, share: shareOf(dice, 5, 30) }],
  'a bad gateway': (dice) => [{ kind: 'http', status: 502, share: shareOf(dice, 5, 50) }],
  'connections reset': (dice) => [
    { kind: 'reset', when: 'before', share: shareOf(dice, 2, 20) },
    { kind: 'reset', when: 'during', share: shareOf(dice, 2, 20) },
  ],
  'slow answers': (dice) => [{ kind: 'latency', ms: 200 + dice.below(1_800), spreadMs: 800 }],
  'no answers': (dice) => [{ kind: 'silence', share: shareOf(dice, 2, 20) }],
  'broken answers': (dice) => [
    { kind: 'truncated', share: shareOf(dice, 1, 10) },
    { kind: 'bad_counter', value: 'missing', share: shareOf(dice, 1, 10) },
  ],
  'an account that others use too': (dice) => [
    { kind: 'throttle', endpoint: 'room_stats', perSecond: 20 + dice.below(30) },
    { kind: 'throttle', endpoint: 'gift_count', perSecond: 40 + dice.below(60) },
  ],
};

function shareOf(dice: Dice, leastPercent: number, mostPercent: number): number {
  return (leastPercent + dice.below(mostPercent - leastPercent + 1)) / 100;
}

/** Troubles that come and go on either side, apart from each other; the end is calm on both. */
export function planFaults(dice: Dice, seconds: number): FaultPlan {
  return {
    sink: draw(sinkTroubles, dice, seconds, (lengthSeconds) => lengthSeconds),
    upstream: draw(
      upstreamTroubles,
      dice,
      seconds,
      (lengthSeconds) => recoverySeconds + Math.max(leastWellSeconds, lengthSeconds),
    ),
  };
}

/** In an hour a trouble takes half a minute to two; in a short run it is shorter. */
function draw<Trouble>(
  kinds: Readonly<Record<string, (dice: Dice) => Trouble>>,
  dice: Dice,
  seconds: number,
  toPause: (lengthSeconds: number) => number,
): readonly Episode<Trouble>[] {
  const unit = Math.round(Math.min(60, Math.max(5, seconds / 60)));
  const lengthSeconds = () => Math.ceil(unit / 2) + dice.below(Math.ceil(1.5 * unit));
  const episodes: Episode<Trouble>[] = [];
  let left: [string, (dice: Dice) => Trouble][] = [];
  let fromSecond = warmUpSeconds + dice.below(unit);
  for (;;) {
    const toSecond = fromSecond + lengthSeconds();
    if (toSecond > seconds - unit) return episodes;
    // Every kind before any comes again.
    if (left.length === 0) left = Object.entries(kinds);
    for (const [name, create] of left.splice(dice.below(left.length), 1)) {
      episodes.push({ name, fromSecond, toSecond, trouble: create(dice) });
    }
    fromSecond = toSecond + toPause(lengthSeconds());
  }
}
