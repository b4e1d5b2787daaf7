import type { Fault } from '../../../src/simulator/fault.ts';
import { type CampaignPart, type CampaignRow, formatCount } from '../campaign-part.ts';
import { type OverloadResult, overload } from './overload.ts';

const mebi = 1024 ** 2;
/** What a run may take beyond what it holds after the start, whatever the other side sends. */
const mostGrowthBytes = 150 * mebi;
const mostLagSeconds = 2;
/** An event is a line; a target is none. */
const mostLines = 200;

/** Of 30,000 rooms and 60,000 receivers none can be answered. */
const ninetyThousand = { rooms: 30_000, receivers: 60_000, everySeconds: 300 };
/** Where every answer is megabytes, fewer requests do. */
const few = { rooms: 60, receivers: 60, everySeconds: 2 };

const cases: readonly (readonly [name: string, size: typeof few, fault: Fault])[] = [
  ['90,000 targets that do not exist', ninetyThousand, { kind: 'code', code: 100004 }],
  ['90,000 targets with a bad parameter', ninetyThousand, { kind: 'code', code: 100002 }],
  ['90,000 targets with a code that nobody knows', ninetyThousand, { kind: 'code', code: 123456 }],
  ['90,000 targets whose connection is reset', ninetyThousand, { kind: 'reset', when: 'before' }],
  ['an endless body', few, { kind: 'endless' }],
  ['a body that drips', few, { kind: 'drip', everyMs: 100 }],
  ['errors of 10 MB', few, { kind: 'too_large', bytes: 10_000_000 }],
  ['JSON 100,000 levels deep', few, { kind: 'wrong_shape', shape: 'deep' }],
  ['no answer at all', few, { kind: 'silence' }],
];

export const limits: CampaignPart = {
  name: 'limits',
  summary: 'answers without end and targets that all fail: memory, event loop and log stay bounded',
  /** `count` is seconds for each case. */
  async run({ count: seconds = 60, log }) {
    const rows: CampaignRow[] = [];
    for (const [test, size, fault] of cases) {
      const result = await overload({ ...size, fault, seconds });
      const findings = findingsOf(result).map((finding) => `${test}: ${finding}`);
      const megabytes = (bytes: number) => `${Math.round(bytes / mebi)} MiB`;
      log(
        `${test}: ${result.polls} polls, ${megabytes(result.startBytes)} to ${megabytes(result.mostBytes)}, ` +
          `lag ${result.longestLagSeconds.toFixed(3)} s, ${result.logLines} lines`,
      );
      rows.push({
        test,
        howMany: formatCount(result.polls, 'polls'),
        lost: 0,
        doubled: 0,
        wrong: findings.length,
        findings,
      });
    }
    return rows;
  },
};

export function findingsOf(result: OverloadResult): readonly string[] {
  const { polls, answered, startBytes, mostBytes, longestLagSeconds, logLines, exitCode } = result;
  return [
    ...(polls === 0 ? ['nothing was polled'] : []),
    ...(answered > 0 ? [`${answered} polls were answered all the same`] : []),
    ...(mostBytes - startBytes > mostGrowthBytes ? [`memory grew from ${startBytes} to ${mostBytes} bytes`] : []),
    ...(longestLagSeconds > mostLagSeconds ? [`the event loop stood still for ${longestLagSeconds} s`] : []),
    ...(logLines > mostLines ? [`${logLines} lines were logged`] : []),
    ...(exitCode === 0 ? [] : [`it ended with ${exitCode}`]),
  ];
}
