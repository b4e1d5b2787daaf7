import { setTimeout as delay } from 'node:timers/promises';
import { endpoints } from '../../../src/model/target.ts';
import type { Figure } from '../figure.ts';
import { startLivetally } from '../livetally.ts';
import { networkDelay, startBenchSimulator, type Traffic } from '../simulator.ts';

const limits = { room_stats: 100, gift_count: 200 } as const;
/** As much as livetally accepts for these limits, ... */
const workload = { rooms: 1425, receivers: 2850, intervalSeconds: 15 };
/** ... and more than the limits give, as soon as so many polls have to be tried again. */
const failedShare = 0.05;

/** Both endpoints at once, counted on their arrival at the simulator, behind a network that delays each request differently. */
export const rate: Figure = {
  name: 'rate',
  async run({ isQuick, log }) {
    const wanted = isQuick ? 10_000 : 100_000;
    await using simulator = await startBenchSimulator({ ...workload, limits, networkDelay });
    await simulator.failShare(failedShare);
    await using _livetally = await startLivetally({ workload, simulatorUrl: simulator.server.url });
    log(`${wanted} requests, at most 300 a second`);
    await delay(10_000);
    const first = await simulator.report();
    let last = first;
    while (requests(last) < wanted) {
      await delay(500);
      const next = await simulator.report();
      if (requests(next) === requests(last)) throw new Error('livetally sends no requests any more');
      last = next;
    }
    return [worstSecond(last), ...endpoints.map((endpoint) => use(endpoint, first, last))];
  },
};

function worstSecond(traffic: Traffic) {
  const shares = endpoints.map((endpoint) => traffic[endpoint].worstSlidingSecond / limits[endpoint]);
  const counts = endpoints.map((endpoint) => `${traffic[endpoint].worstSlidingSecond} of ${limits[endpoint]}`);
  const refused = endpoints.reduce((sum, endpoint) => sum + traffic[endpoint].limited, 0);
  return {
    figure: 'worst sliding second / limit',
    bound: { kind: 'at_most', value: 1 },
    value: Math.max(...shares),
    livetally: `${counts.join(', ')}; ${refused} refused`,
    beside: `the documented limits, over ${requests(traffic)} requests`,
  } as const;
}

/** Without the start: the second before counts as used then. */
function use(endpoint: (typeof endpoints)[number], first: Traffic, last: Traffic) {
  const [from, to] = [first[endpoint], last[endpoint]];
  const seconds = ((to.lastArrivalMs ?? 0) - (from.lastArrivalMs ?? 0)) / 1000;
  const perSecond = (to.requests - from.requests) / seconds;
  return {
    figure: `use of the limit, ${endpoint}`,
    bound: { kind: 'at_least', value: 0.95 },
    value: perSecond / limits[endpoint],
    livetally: `${perSecond.toFixed(1)} requests/s`,
    beside: `a limit of ${limits[endpoint]}, over ${seconds.toFixed(0)} s`,
  } as const;
}

function requests({ room_stats, gift_count }: Traffic): number {
  return room_stats.requests + gift_count.requests;
}
