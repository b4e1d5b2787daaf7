import * as z from 'zod';
import * as value from './values.ts';

/** The least that a tier may be kept: some of its windows, and what InfluxDB takes as a retention. */
const bounds = (minimum: string) => ({ minimum, maximum: '36500d' });

export const reporting = z
  .strictObject({
    timezone: value.timeZone().prefault('Etc/UTC').describe('Whose days and months are summed up.'),
    keep: z
      .strictObject({
        '5m': value.durationOrForever(bounds('1d')).prefault('90d').describe('Windows of 5 minutes.'),
        '1h': value.durationOrForever(bounds('7d')).prefault('400d').describe('Windows of 1 hour.'),
        '1d': value.durationOrForever(bounds('31d')).prefault('forever').describe('Days, and sessions.'),
        '1mo': value.durationOrForever(bounds('366d')).prefault('forever').describe('Months.'),
      })
      .prefault({})
      .describe('Age at which windows are deleted, in the store and in the buckets that `setup` makes.'),
  })
  .transform(({ timezone, keep }) => ({ timezone, keepMs: keep }))
  .prefault({})
  .describe('Sums by window: 5 minutes, 1 hour, calendar day and month.');
