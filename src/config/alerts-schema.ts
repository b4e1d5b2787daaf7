import * as z from 'zod';
import type { Labels } from '../model/target.ts';
import * as value from './values.ts';

/** Of one counter of a room, by the minute: an alarm above the floor, and above the factor times what the room is used to. */
export type SpikeBounds = { readonly floor: number; readonly factor: number };
export type Spikes = {
  readonly gifts: SpikeBounds;
  readonly coins: SpikeBounds;
  readonly viewers: SpikeBounds;
};

export type AlertSettings = {
  readonly spikes: Spikes;
  /** `share` of the earning time of an app that stops, from 0 to 1; counted where at least `rooms` earn at a time. */
  readonly silence: { readonly share: number; readonly rooms: number };
  readonly nothingArrivesMs: number;
  readonly lateMs: number;
  /** Of the disk budget, from 0 to 1. */
  readonly storeShare: number;
  /** The first that a room's labels match counts; its bounds are complete. */
  readonly overrides: readonly {
    readonly where: Labels;
    readonly spikes: Spikes;
    /** An income that stops is an alarm in each single room. */
    readonly showEnd: boolean;
  }[];
  /** Without any of the two, Grafana's own notification policies decide. */
  readonly contact: { readonly webhook?: string; readonly email?: readonly string[] };
};

/** http or https, with whatever path and query: such addresses often hold a key, so it is never repeated in a message. */
const callAddress = () =>
  value.text().refine((written) => {
    const url = URL.canParse(written) ? new URL(written) : undefined;
    return url !== undefined && /^https?:$/.test(url.protocol) && url.hash === '' && !/[\s\p{Cc}]/u.test(written);
  }, 'must be an address such as https://host/path');

/** Node's fetch refuses such an address. */
function hasCredentials(written: string): boolean {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  return url !== undefined && url.username + url.password !== '';
}

const perMinute = () => value.wholeNumber({ minimum: 1, maximum: 1_000_000_000 });

function factor() {
  const bounds = 'must be a number from 1.5 to 100';
  const number = z
    .number({ error: (issue) => (issue.input === undefined ? undefined : bounds) })
    .min(1.5, bounds)
    .max(100, bounds);
  return z
    .preprocess(
      (written) => (typeof written === 'string' && /^\d+(\.\d+)?$/.test(written) ? Number(written) : written),
      number,
    )
    .meta({ title: 'number from 1.5 to 100' });
}

const counters = { gifts: 'gifts', coins: 'gift coins', viewers: 'viewer entries' } as const;
const floors = { gifts: 30, coins: 5000, viewers: 60 } as const;
type Name = keyof typeof counters;

const bounds = (name: Name) =>
  z
    .strictObject({
      floor: perMinute()
        .prefault(floors[name])
        .describe(`Spikes of ${counters[name]} below this many a minute are none.`),
      factor: factor()
        .prefault(3)
        .describe(`How many times what the room is used to, in ${counters[name]} a minute, is a spike.`),
    })
    .prefault({})
    .describe(`Spikes of ${counters[name]} in a room.`);

const otherBounds = (name: Name) =>
  z
    .strictObject({
      floor: perMinute().optional().describe(`Floor of ${counters[name]} for these rooms.`),
      factor: factor().optional().describe(`Factor of ${counters[name]} for these rooms.`),
    })
    .optional()
    .describe(`What is different for spikes of ${counters[name]}.`);

const override = z
  .strictObject({
    where: z
      .record(value.labelName(), value.tagText(256))
      .refine((labels) => Object.keys(labels).length > 0, 'is empty: name the labels of the rooms that are meant')
      .describe('Labels that a room must have, all of them, such as `team: music`.'),
    spikes: z
      .strictObject({ gifts: otherBounds('gifts'), coins: otherBounds('coins'), viewers: otherBounds('viewers') })
      .prefault({})
      .describe('Bounds for these rooms; what is left out is as above.'),
    show_end: value
      .yesOrNo()
      .prefault(false)
      .describe('Whether income that stops in a single one of these rooms is an alarm.'),
  })
  .describe('Rules of their own for the rooms of a label; the first entry that matches a room counts.');

/** Bounded because Grafana must be told of every rule that an earlier configuration may have had and this one has not. */
export const mostOverrides = 10;

const percent = (maximum: number) => value.wholeNumber({ minimum: 1, maximum });
/** Retention keeps the store below its budget, so that a share close to it would never be seen. */
const mostStoreShare = 95;

export const alerts = z
  .strictObject({
    spikes: z
      .strictObject({ gifts: bounds('gifts'), coins: bounds('coins'), viewers: bounds('viewers') })
      .prefault({})
      .describe('When a room is told of because something in it grows much faster than it is used to.'),
    silence: z
      .strictObject({
        share: percent(100)
          .prefault(50)
          .describe('Per cent of the income that must stop within two minutes, counted in rooms.'),
        rooms: value
          .wholeNumber({ minimum: 1, maximum: 100_000 })
          .prefault(5)
          .describe('How many rooms of an app must have been earning at a time for that to mean anything.'),
      })
      .prefault({})
      .describe('Income that stops in many rooms of an app at once.'),
    nothing_arrives: value
      .duration({ minimum: '3m', maximum: '1d' })
      .prefault('5m')
      .describe('How long InfluxDB may get no sample at all while livetally should have some.'),
    late: value
      .duration({ minimum: '1m', maximum: '1d' })
      .prefault('5m')
      .describe('How long samples may wait to be shipped.'),
    store_share: percent(mostStoreShare)
      .prefault(80)
      .describe('Per cent of `store.max_size` that samples which wait may fill.'),
    overrides: z
      .array(override)
      .max(mostOverrides, `has more than ${mostOverrides} entries`)
      .prefault([])
      .describe('Other bounds for rooms with certain labels.'),
    webhook: callAddress().optional().describe('Address that Grafana posts the alarms of these rules to.'),
    email: z
      .array(value.text().regex(/^[^\s;,@$]+@[^\s;,@$]+$/, 'must be an address such as ops@example.com'))
      .optional()
      .describe('Who gets the alarms of these rules by e-mail; Grafana needs its SMTP settings for that.'),
  })
  .transform((written): AlertSettings => {
    const { spikes, silence, nothing_arrives, late, store_share, overrides, webhook, email } = written;
    return {
      spikes,
      silence: { share: silence.share / 100, rooms: silence.rooms },
      nothingArrivesMs: nothing_arrives,
      lateMs: late,
      storeShare: store_share / 100,
      overrides: overrides.map(({ where, spikes: other, show_end }) => ({
        where,
        spikes: {
          gifts: merge(spikes.gifts, other.gifts),
          coins: merge(spikes.coins, other.coins),
          viewers: merge(spikes.viewers, other.viewers),
        },
        showEnd: show_end,
      })),
      contact: { ...(webhook !== undefined && { webhook }), ...(email !== undefined && email.length > 0 && { email }) },
    };
  })
  .prefault({})
  .describe('Alert rules that `setup --grafana` writes for Grafana.');

export const defaultAlerts: AlertSettings = alerts.parse(undefined);

type Partly<Bounds> = { readonly [Key in keyof Bounds]?: Bounds[Key] | undefined };

function merge(usual: SpikeBounds, other: Partly<SpikeBounds> | undefined): SpikeBounds {
  return { floor: other?.floor ?? usual.floor, factor: other?.factor ?? usual.factor };
}

export const heartbeat = z
  .strictObject({
    url: callAddress()
      .refine((written) => !hasCredentials(written), 'must not hold a user name or password: it could not be called')
      .describe('Address that is called while all is well, such as that of a dead man’s switch.'),
    every: value.duration({ minimum: '10s', maximum: '1d' }).prefault('1m').describe('How often.'),
  })
  .transform(({ url, every }) => ({ url, everyMs: every }))
  .optional()
  .describe('A sign of life for whoever watches from outside.');

export type HeartbeatSettings = { readonly url: string; readonly everyMs: number };
