import * as z from 'zod';
import type { Endpoint } from '../model/target.ts';
import * as value from './values.ts';

/** Tencent's hosts; from the Live and Chat reference pages. */
const hosts = new Map([
  ['china', 'console.tim.qq.com'],
  ['singapore', 'adminapisgp.im.qcloud.com'],
  ['silicon_valley', 'adminapiusa.im.qcloud.com'],
  ['jakarta', 'adminapiidn.im.qcloud.com'],
  ['seoul', 'adminapikr.im.qcloud.com'],
  ['frankfurt', 'adminapiger.im.qcloud.com'],
  ['tokyo', 'adminapijpn.im.qcloud.com'],
  ['mumbai', 'adminapiind.im.qcloud.com'],
]);

const requestsPerSecond = () => value.wholeNumber({ minimum: 1, maximum: 100_000 });
const command = () => value.text().regex(/^[a-z_]+$/, 'must be a command of small letters and underscores');

export const appName = value.tagText(64);

export const appEntry = z
  .strictObject({
    sdk_app_id: value
      .wholeNumber({ minimum: 1, maximum: 4_294_967_295 })
      .describe('SDKAppID, from the Tencent RTC console.'),
    identifier: value.tagText(255).describe('Account that signs the requests; must be an App administrator.'),
    secret_key: value
      .secret()
      .optional()
      .describe('Secret key of the SDKAppID. Take it from the environment, or use `secret_key_file`.'),
    secret_key_file: value
      .text()
      .optional()
      .describe('File that holds the secret key and nothing else, relative to this file.'),
    region: value
      .choice([...hosts.keys()])
      .optional()
      .describe('Where the SDKAppID lives. Or give `base_url`.'),
    base_url: value
      .tencentAddress()
      .optional()
      .describe('Address of the service, for another host, a proxy or the simulator.'),
    limits: z
      .strictObject({
        rooms: requestsPerSecond()
          .prefault(100)
          .describe('Requests per second of `get_room_stats`; 95 % of it is used.'),
        gifts: requestsPerSecond()
          .prefault(200)
          .describe('Requests per second of `get_gift_count`; 95 % of it is used.'),
      })
      .transform(byEndpoint)
      .prefault({})
      .describe('What the account allows. Give less where your backend calls the same endpoints.'),
    commands: z
      .strictObject({
        rooms: command().prefault('get_room_stats').describe('Command that answers with the counters of a room.'),
        gifts: command()
          .prefault('get_gift_count')
          .describe('Command that answers with the gift counters of a receiver.'),
      })
      .transform(byEndpoint)
      .prefault({})
      .describe('Names of the two commands, should your account answer to others.'),
    request_timeout: value
      .duration({ minimum: '3500ms', maximum: '60s' })
      .prefault('5s')
      .describe('How long to wait for an answer; the server itself gives up after 3 s.'),
    signature_life: value
      .duration({ minimum: '1h', maximum: '180d' })
      .prefault('24h')
      .describe('Life of a UserSig; a new one is made at 80 % of it.'),
  })
  .check(
    value.rule('needs either region or base_url, and not both', (app) => value.isOneGiven(app, 'region', 'base_url')),
    value.rule('needs either secret_key or secret_key_file, and not both', (app) =>
      value.isOneGiven(app, 'secret_key', 'secret_key_file'),
    ),
  )
  .transform(({ region, base_url, ...rest }) => ({
    ...rest,
    baseUrl: base_url ?? `https://${hosts.get(region ?? '')}`,
  }))
  .describe('One SDKAppID. The name becomes the tag `app`.');

function byEndpoint<Value>({ rooms, gifts }: { rooms: Value; gifts: Value }): Record<Endpoint, Value> {
  return { room_stats: rooms, gift_count: gifts };
}
