import { createServer } from 'node:http';
import { InfluxDB, Point } from '@influxdata/influxdb-client';
import ky from 'ky';
import cron from 'node-cron';
import PQueue from 'p-queue';
import client from 'prom-client';
import { Api } from 'tls-sig-api-v2';
import * as z from 'zod';
import { counters } from '../../src/model/measurement.ts';
import { account, watchlistOf } from './workload.ts';

/**
 * What livetally is compared with: the same packages, each used as its README shows it, and nothing else. It computes no deltas and stores
 * nothing, so it does less; the signature is made once, which is kinder than a README that makes one for every call.
 */
const options = z
  .object({
    port: z.number(),
    simulatorUrl: z.string(),
    cron: z.string(),
    rooms: z.number(),
    receivers: z.number(),
    influxdb: z.object({ url: z.string(), org: z.string(), bucket: z.string(), token: z.string() }),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const { url, org, bucket, token } = options.influxdb;
const writeApi = new InfluxDB({ url, token }).getWriteApi(org, bucket);

client.collectDefaultMetrics();
const polls = new client.Counter({ name: 'polls_total', help: 'Polls.', labelNames: ['command', 'outcome'] });
const duration = new client.Histogram({ name: 'request_duration_seconds', help: 'Requests.', labelNames: ['command'] });

const userSig = new Api(account.sdkAppId, account.secretKey).genUserSig(account.identifier, 86_400);
const queues = {
  get_room_stats: new PQueue({ interval: 1000, intervalCap: 100 }),
  get_gift_count: new PQueue({ interval: 1000, intervalCap: 200 }),
};
const endpoints = { get_room_stats: 'room_stats', get_gift_count: 'gift_count' } as const;
const answer = z.object({ ErrorCode: z.number(), Response: z.record(z.string(), z.unknown()).optional() });

async function poll(command: keyof typeof queues, body: { RoomId: string; From_Account?: string }): Promise<void> {
  const stopTimer = duration.startTimer({ command });
  try {
    const json = await ky
      .post(`${options.simulatorUrl}/v4/live_engine_http_srv/${command}`, {
        searchParams: {
          sdkappid: account.sdkAppId,
          identifier: account.identifier,
          usersig: userSig,
          random: Math.floor(Math.random() * 2 ** 32),
          contenttype: 'json',
        },
        json: body,
      })
      .json();
    const { ErrorCode, Response } = answer.parse(json);
    if (ErrorCode !== 0) throw new Error(`ErrorCode ${ErrorCode}`);
    const point = new Point(endpoints[command]).tag('room_id', body.RoomId);
    if (body.From_Account !== undefined) point.tag('user_id', body.From_Account);
    for (const { apiField, total } of counters[endpoints[command]]) point.intField(total, Number(Response?.[apiField]));
    writeApi.writePoint(point);
    polls.inc({ command, outcome: 'answered' });
  } catch (error) {
    polls.inc({ command, outcome: 'failed' });
    console.error(error);
  } finally {
    stopTimer();
  }
}

const rooms = watchlistOf(options);
cron.schedule(options.cron, () => {
  for (const { room, receivers } of rooms) {
    queues.get_room_stats.add(() => poll('get_room_stats', { RoomId: room }));
    for (const receiver of receivers) {
      queues.get_gift_count.add(() => poll('get_gift_count', { RoomId: room, From_Account: receiver }));
    }
  }
});

createServer(async (_request, response) => {
  response.setHeader('content-type', client.register.contentType).end(await client.register.metrics());
}).listen(options.port, '127.0.0.1');

process.once('SIGTERM', async () => {
  await writeApi.close();
  process.exit(0);
});
