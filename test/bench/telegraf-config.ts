import { Api } from 'tls-sig-api-v2';
import { counters } from '../../src/model/measurement.ts';
import type { Endpoint } from '../../src/model/target.ts';
import { account, type CollectorSettings, watchlistOf } from './workload.ts';

/**
 * One `inputs.http` per target, since each posts a body of its own, spread over the interval by Telegraf's own means. JSON strings are valid
 * TOML strings. Telegraf cannot make a fresh `random` for each request, nor renew the signature: it is given one for a day.
 */
export function telegrafConfig({ workload, simulatorUrl, influxdb }: CollectorSettings): string {
  const { sdkAppId, identifier, secretKey } = account;
  const query = new URLSearchParams({
    sdkappid: String(sdkAppId),
    identifier,
    usersig: new Api(sdkAppId, secretKey).genUserSig(identifier, 86_400),
    random: '1',
    contenttype: 'json',
  });
  const urlOf = (command: string) => `${simulatorUrl}/v4/live_engine_http_srv/${command}?${query}`;
  const roomsUrl = urlOf('get_room_stats');
  const giftsUrl = urlOf('get_gift_count');
  const inputs = watchlistOf(workload).flatMap(({ room, receivers }) => [
    inputBlock('room_stats', roomsUrl, { RoomId: room }, { room_id: room }),
    ...receivers.map((receiver) =>
      inputBlock(
        'gift_count',
        giftsUrl,
        { RoomId: room, From_Account: receiver },
        { room_id: room, user_id: receiver },
      ),
    ),
  ]);
  return `[agent]
  interval = "${workload.intervalSeconds}s"
  collection_jitter = "${workload.intervalSeconds}s"
  omit_hostname = true

[[outputs.influxdb_v2]]
  urls = [${JSON.stringify(influxdb.url)}]
  organization = ${JSON.stringify(influxdb.org)}
  bucket = ${JSON.stringify(influxdb.bucket)}
  token = ${JSON.stringify(influxdb.token)}

${inputs.join('\n')}`;
}

type Texts = Readonly<Record<string, string>>;

function inputBlock(endpoint: Endpoint, url: string, body: Texts, tags: Texts): string {
  const fields = counters[endpoint].map(
    ({ apiField, total }) => `    [[inputs.http.json_v2.field]]
      path = "Response.${apiField}"
      rename = "${total}"
      type = "int"
`,
  );
  const tagLines = Object.entries(tags).map(([name, value]) => `    ${name} = ${JSON.stringify(value)}\n`);
  return `[[inputs.http]]
  urls = [${JSON.stringify(url)}]
  method = "POST"
  headers = { "Content-Type" = "application/json" }
  body = ${JSON.stringify(JSON.stringify(body))}
  data_format = "json_v2"
  tagexclude = ["url"]
  [inputs.http.tags]
${tagLines.join('')}  [[inputs.http.json_v2]]
    measurement_name = "${endpoint}"
${fields.join('')}`;
}
