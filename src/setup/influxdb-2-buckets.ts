import type { Rights } from './influxdb-2-rights.ts';
import type { State } from './influxdb-2-state.ts';
import type { KnownBucket, NewBucket } from './influxdb-api.ts';
import { change, type Item, note, problem, same } from './item.ts';
import { describeKeep, type Place, retentionSeconds, shardSeconds } from './wanted.ts';

/** How the description of a bucket that setup made begins: only such a bucket is ever changed. */
const mark = 'livetally: ';

export function newBucket(place: Place): NewBucket {
  const { name, keepMs, holds } = place;
  return {
    name,
    description: `${mark}${holds}`,
    retentionSeconds: retentionSeconds(keepMs),
    shardSeconds: shardSeconds(place),
  };
}

/**
 * Setup lengthens the retention of what it made, and shortens nothing: that would delete data. A bucket of somebody else is left
 * as it is, and is good enough where it keeps at least as long as asked.
 */
export function planBucket(place: Place, known: KnownBucket | undefined, state: State): Item {
  const { name, keepMs } = place;
  const subject = `bucket ${name}`;
  if (known === undefined) {
    return change(subject, `for ${place.holds}, kept ${describeKeep(keepMs)}`, async () => {
      state.bucketIds.set(name, await state.server.makeBucket(state.orgId, newBucket(place)));
    });
  }
  const wanted = retentionSeconds(keepMs);
  const held = known.retentionSeconds;
  if (held === wanted) return same(subject, `keeps ${place.holds} ${describeKeep(keepMs)}`);
  const heldWords = describeKeep(held === 0 ? Number.POSITIVE_INFINITY : held * 1_000);
  const isShorter = held !== 0 && (wanted === 0 || held < wanted);
  const command = `influx bucket update --id ${known.id} --retention ${wanted}s`;
  if (!isShorter) {
    return note(
      subject,
      `keeps ${heldWords} where the configuration asks for ${describeKeep(keepMs)}. Setup shortens nothing; if older data may go: ${command}`,
    );
  }
  if (known.description.startsWith(mark)) {
    return change(subject, `kept ${describeKeep(keepMs)} instead of ${heldWords}`, async () =>
      state.server.changeBucket(known.id, { retentionSeconds: wanted }),
    );
  }
  return problem(
    subject,
    `was made by somebody else and keeps only ${heldWords}; the configuration asks for ${describeKeep(keepMs)}. Raise it (${command}), ask for less in the configuration, or name another bucket there.`,
  );
}

/** As planned, or what keeps the admin token from it. */
export async function checkRight(
  planned: Item,
  place: Place,
  { rights, org, state }: { readonly rights: Rights; readonly org: string; readonly state: State },
): Promise<Item> {
  if (planned.status !== 'change') return planned;
  const right = await rights.toBucket(org, place.name);
  if (!state.bucketIds.has(place.name)) {
    if (right === 'missing' || right === 'unknown') return planned;
    return problem(planned.subject, 'is there, and the admin token may not read it: give one that may');
  }
  if (right !== 'may_not_write') return planned;
  return problem(
    planned.subject,
    `is to be ${planned.words}, which the admin token may not do: give one that may write to it`,
  );
}
