import * as z from 'zod';
import * as value from './values.ts';

const cron = () => value.text().describe('Cron expression with seconds: when a round begins.');
const cronForBoth = (written: unknown) => (typeof written === 'string' ? { rooms: written, gifts: written } : written);

const defaults = z.strictObject({
  rooms: cron().prefault('*/15 * * * * *'),
  gifts: cron().prefault('*/15 * * * * *'),
  timezone: value.timeZone().prefault('Etc/UTC').describe('Time zone of the expressions.'),
});

export const schedule = z
  .preprocess(cronForBoth, defaults)
  .meta({ or: 'cron' })
  .prefault({})
  .describe('When targets are polled; one cron expression, or one for rooms and one for gifts.');

const shared = {
  app: value.text().optional().describe('Name of the app; may be left out where there is only one.'),
  labels: z
    .record(value.labelName(), value.tagText(256))
    .refine((labels) => Object.keys(labels).length <= 16, 'has more than 16 labels')
    .optional()
    .describe('Tags of your own on every point, such as `team: music`.'),
  schedule: z
    .preprocess(
      cronForBoth,
      z.strictObject({
        rooms: cron().optional(),
        gifts: cron().optional(),
        timezone: value.timeZone().optional().describe('Time zone of the expressions.'),
      }),
    )
    .meta({ or: 'cron' })
    .optional()
    .describe('Own schedule; what it leaves out is as in `schedule` above.'),
};

export const roomEntry = z
  .strictObject({
    room: value.tagText(48).describe('RoomId; in quotes when it is all digits.'),
    receivers: z.array(value.tagText(255)).optional().describe('Accounts whose gifts in this room are counted.'),
    ...shared,
  })
  .describe('A room, and those who receive gifts in it.');

export const filesEntry = z
  .strictObject({
    file: value
      .text()
      .describe(
        'Pattern of files with more entries (YAML, JSON, CSV), relative to this file. CSV has the columns `room`, `receivers` (separated by `;`), `app`, `schedule` and `label.<name>`. `app`, `labels` and `schedule` beside `file` are the defaults of its entries.',
      ),
    ...shared,
  })
  .describe('Rooms from files.');

/** What can be read of an entry or schedule with mistakes. */
export const roomEntryParts = roomEntry.partial();
export const scheduleParts = defaults;

export type RoomEntryParts = z.output<typeof roomEntryParts>;
export type DefaultSchedule = z.output<typeof schedule>;
