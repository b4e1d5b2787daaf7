import type { Fault } from '../../../src/simulator/fault.ts';
import { type CampaignPart, type CampaignRow, formatCount } from '../campaign-part.ts';
import { askMalformed } from './malformed.ts';
import { type Overload, type OverloadResult, overload } from './overload.ts';
import type { Siege } from './siege.ts';
import { compareVerifyMemory } from './verify-memory.ts';

const mebi = 1024 ** 2;
const mostLagSeconds = 1.5;
/** Hundreds of thousands of requests may stand before it. */
const slowestScrape = 10;
/** An event is a line; a target is none. */
const mostLines = 200;
/** Of the polls that were due while clients besieged the HTTP server: those of the last seconds may be under way. */
const leastShare = 0.85;

/** Until every target has been called out once, and a little more. */
const beyondRoundSeconds = 12;
/** Of the targets; those that wait for another try are in no metric at the moment. */
const leastBegun = 0.95;

/**
 * Of 30,000 rooms and 60,000 receivers none can be answered, at the documented rates. `mostGrowthBytes` is what a run may take
 * beyond what it holds after the start. Measured over a round on two busy cores: 252 and 278 MiB; where other programs held the
 * process up for more than ten seconds at a time, polls came to wait, and it was 473.
 */
const ninetyThousand = { rooms: 30_000, receivers: 60_000, everySeconds: 300, mostGrowthBytes: 350 * mebi };
/** Each poll takes three requests, so that three of five targets come to wait for their turn: 628 and 662 MiB. */
const retried = { ...ninetyThousand, mostGrowthBytes: 750 * mebi };
/**
 * Where every answer is megabytes, fewer requests do: 16 to 57 MiB in a quarter of a minute, 144 in a minute of the deepest JSON.
 * Of clients that never read, a thousand requests each are read before they are hung up on: 130 MiB.
 */
const few = { rooms: 60, receivers: 60, everySeconds: 2, mostGrowthBytes: 200 * mebi };

/** One request of each malformed kind, and a look at what they have done. */
const secondsPerVolley = 3;

export type Bounded = Pick<Overload, 'rooms' | 'receivers' | 'everySeconds' | 'fault' | 'isSinkEndless' | 'siege'> & {
  readonly mostGrowthBytes: number;
};

type Case = Bounded & { readonly name: string };

const broken = (name: string, size: typeof few, fault: Fault): Case => ({ name, ...size, fault });
const besieged = (name: string, siege: Siege): Case => ({ name, ...few, siege });

const cases: readonly Case[] = [
  broken('90,000 targets that do not exist', ninetyThousand, { kind: 'code', code: 100004 }),
  broken('90,000 targets with a bad parameter', ninetyThousand, { kind: 'code', code: 100002 }),
  broken('90,000 targets with a code that nobody knows', ninetyThousand, { kind: 'code', code: 123456 }),
  broken('90,000 targets whose connection is reset', retried, { kind: 'reset', when: 'before' }),
  broken('an endless body', few, { kind: 'endless' }),
  broken('a body that drips', few, { kind: 'drip', everyMs: 100 }),
  broken('errors of 10 MB', few, { kind: 'too_large', bytes: 10_000_000 }),
  broken('JSON 100,000 levels deep', few, { kind: 'wrong_shape', shape: 'deep' }),
  broken('no answer at all', few, { kind: 'silence' }),
  { name: 'an InfluxDB whose answers have no end', ...few, isSinkEndless: true },
  besieged('/metrics scraped a hundred times a second', { kind: 'scrapes', perSecond: 100 }),
  besieged('150 HTTP clients that ask and never read', { kind: 'never_reads' }),
  besieged('150 HTTP clients whose headers drip', { kind: 'slow_headers' }),
  besieged('150 HTTP clients whose body drips', { kind: 'slow_body' }),
  besieged('150 HTTP clients whose body has no end', { kind: 'endless_body' }),
];

export const limits: CampaignPart = {
  name: 'limits',
  summary:
    'answers and requests without end or sense, targets that all fail: memory, event loop and log stay bounded; --count is in seconds for each, but a whole round at least',
  async run({ count = 60, log }) {
    const rows: CampaignRow[] = [];
    for (const { name, ...overloaded } of cases) {
      const seconds = Math.max(count, overloaded.everySeconds + beyondRoundSeconds);
      const result = await overload({ ...overloaded, seconds });
      const findings = findingsOf(result, overloaded).map((finding) => `${name}: ${finding}`);
      const measured = measuresOf(result);
      log(`${name}: ${measured}`);
      rows.push({ test: name, howMany: measured, lost: 0, doubled: 0, wrong: findings.length, findings });
    }
    rows.push(await askMalformed(Math.ceil(count / secondsPerVolley)), await compareVerifyMemory(12));
    return rows;
  },
};

function measuresOf(result: OverloadResult): string {
  const { polls, besieged, startBytes, mostBytes, longestLagSeconds, slowestScrapeSeconds, logLines } = result;
  return [
    formatCount(polls, 'polls'),
    ...(besieged > 0 ? [formatCount(besieged, 'HTTP requests')] : []),
    `${Math.round(startBytes / mebi)} to ${Math.round(mostBytes / mebi)} MiB`,
    `event loop at most ${longestLagSeconds.toFixed(3)} s late`,
    `metrics within ${slowestScrapeSeconds.toFixed(3)} s`,
    formatCount(logLines, 'log lines'),
  ].join(', ');
}

/** What is not as it must be; the bounds are of memory, the event loop, its own metrics and the log. */
export function findingsOf(
  result: OverloadResult,
  { rooms, receivers, everySeconds, fault, isSinkEndless, siege, mostGrowthBytes }: Bounded,
): readonly string[] {
  const { due, polls, begun, answered, gone, startBytes, mostBytes, longestLagSeconds, slowestScrapeSeconds } = result;
  const { seconds, writes, besieged, logLines, exitCode } = result;
  const isUnharmed = fault === undefined;
  const targets = rooms + receivers;
  return [
    ...(polls === 0 ? ['nothing was polled'] : []),
    ...(seconds < everySeconds ? [`it was watched for ${seconds} s, and a round is ${everySeconds} s`] : []),
    ...(!isUnharmed && begun < leastBegun * targets ? [`of ${targets} targets only ${begun} were called out`] : []),
    ...(!isUnharmed && answered > 0 ? [`${answered} polls were answered all the same`] : []),
    ...(isUnharmed && polls < leastShare * due ? [`${due} polls were due and ${polls} were made`] : []),
    ...(isUnharmed && answered + gone < polls ? [`${polls - answered - gone} polls failed`] : []),
    ...(isSinkEndless === true && writes === 0 ? ['nothing was written to InfluxDB'] : []),
    ...(siege !== undefined && besieged === 0 ? ['nobody asked the HTTP server for anything'] : []),
    ...(siege?.kind === 'scrapes' && besieged < 0.9 * siege.perSecond * seconds
      ? [`${besieged} scrapes were answered in ${seconds} s, of ${siege.perSecond} a second`]
      : []),
    ...(mostBytes - startBytes > mostGrowthBytes ? [`memory grew from ${startBytes} to ${mostBytes} bytes`] : []),
    ...(longestLagSeconds > mostLagSeconds ? [`the event loop stood still for ${longestLagSeconds} s`] : []),
    ...(slowestScrapeSeconds > slowestScrape ? [`the metrics took ${slowestScrapeSeconds} s`] : []),
    ...(logLines > mostLines ? [`${logLines} lines were logged`] : []),
    ...(exitCode === 0 ? [] : [`it ended with ${exitCode}`]),
  ];
}
