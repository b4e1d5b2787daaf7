import type { Place } from './expected-points.ts';
import { answersDateAhead, lastingFaults } from './fault-catalogue.ts';
import { bucketOf, type Faulty } from './sink-faults.ts';

const none = () => false;
const dayMs = 24 * 60 * 60_000;

/** A limit of the size that lasts: everything gets there while it does. Throws where nothing was too large. */
export async function keepToSizes({ run, proxy }: Faulty): Promise<void> {
  for (const [name, fault] of lastingFaults) {
    const before = proxy.answered;
    proxy.always(fault);
    await run.commit(150, (index) => index === 70);
    run.pass(33 * dayMs);
    await run.commit(2, none);
    await run.settled();
    if (proxy.answered === before) throw new Error(`${name} was not met`);
    proxy.always(undefined);
  }
}

/** So far ahead is the date; a back-off would wait for a second, and no `Retry-After` is believed beyond five minutes. */
const aheadMs = 60_000;
/** A date has whole seconds. Where a computer is busy a hurried clock makes much of that, but not as much as a misread date. */
const wait = { leastMs: aheadMs - 2_000, mostMs: 5 * 60_000 - 10_000 };

/** A server that names the moment at which it may be asked again. Throws where it is asked before, or long after. */
export async function keepToDate({ run, proxy }: Faulty, place: Place): Promise<void> {
  const before = run.told.length;
  proxy.meetAt(bucketOf(place), answersDateAhead(aheadMs));
  await run.commit(60, none);
  run.pass(33 * dayMs);
  await run.commit(2, none);
  await run.settled();
  const waits = run.told.slice(before).flatMap((event) => (event.kind === 'sink_up' ? [event.afterMs] : []));
  // There may be others: a busy computer can let the hurried time-outs pass.
  const isObeyed = waits.some((ms) => ms >= wait.leastMs && ms <= wait.mostMs);
  if (!isObeyed) throw new Error(`asked to come in ${aheadMs} ms, it came in ${waits.join(' and ')} ms, at ${place}`);
}
