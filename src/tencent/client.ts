import type { Clock } from '../model/clock.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Random } from '../model/random.ts';
import type { Endpoint, Target } from '../model/target.ts';
import { ConnectionPool } from './connection-pool.ts';
import { postWithKy } from './http.ts';
import { readAnswer } from './read-answer.ts';
import { UserSig } from './user-sig.ts';

export type TencentClientOptions = {
  /** `https://` and the host of the region; a path, if any, is kept in front of the API's own. */
  readonly baseUrl: string;
  readonly sdkAppId: number;
  readonly identifier: string;
  readonly secretKey: string;
  /** Names of the API's commands, such as `get_room_stats`. */
  readonly commands: Readonly<Record<Endpoint, string>>;
  /** Tencent's own time-out is 3 s: wait longer than that. */
  readonly requestTimeoutMs: number;
  readonly signatureLifeMs: number;
  readonly maxConnections: number;
  readonly clock: Clock;
  readonly random: Random;
};

/** The API as one app sees it. A request is sent once: retries pass through the caller's limiter. */
export type TencentClient = AsyncDisposable & {
  /**
   * Never rejects for what a network or a server can do; an aborted signal gives `cancelled`.
   * `departed` is called when the request goes out, on a connection that may have had to be made first.
   */
  request(target: Target, signal: AbortSignal, departed?: () => void): Promise<Outcome>;
  /** What `request` sends, for people to read: the signature is masked. */
  describeRequest(target: Target): string;
  /** Epoch milliseconds. */
  signatureExpiresAtMs(): number;
  /** Drops all connections; what is in flight is `cancelled`. */
  close(): Promise<void>;
};

export function createTencentClient(options: TencentClientOptions): TencentClient {
  const { sdkAppId, identifier, random } = options;
  const userSig = new UserSig(options);
  const urls = { room_stats: commandUrl(options, 'room_stats'), gift_count: commandUrl(options, 'gift_count') };
  const pool = new ConnectionPool({ ...options, origin: urls.room_stats.origin });

  const toPath = (endpoint: Endpoint, signature: string) =>
    `${urls[endpoint].pathname}?sdkappid=${sdkAppId}&identifier=${encodeURIComponent(identifier)}` +
    `&usersig=${signature}&random=${random(2 ** 32)}&contenttype=json`;

  return {
    async request(target, signal, departed) {
      const signature = userSig.current();
      const path = toPath(target.endpoint, signature.text);
      const reply = await postWithKy(urls[target.endpoint].href, () =>
        pool.post(path, toBody(target), signal, departed),
      );
      const outcome = reply.status === 'received' ? readAnswer(target.endpoint, reply.text) : reply;
      if (outcome.status === 'signature_refused') userSig.refused(signature);
      return outcome;
    },
    describeRequest: (target) =>
      `POST ${urls[target.endpoint].origin}${toPath(target.endpoint, '***')} ${toBody(target)}`,
    signatureExpiresAtMs: () => userSig.current().expiresAtMs,
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

function commandUrl({ baseUrl, commands }: TencentClientOptions, endpoint: Endpoint): URL {
  return new URL(`${baseUrl.replace(/\/+$/, '')}/v4/live_engine_http_srv/${commands[endpoint]}`);
}

function toBody(target: Target): string {
  switch (target.endpoint) {
    case 'room_stats':
      return JSON.stringify({ RoomId: target.roomId });
    case 'gift_count':
      // The account is the receiver of the gifts, although the field's name says otherwise.
      return JSON.stringify({ RoomId: target.roomId, From_Account: target.userId });
    default:
      return target satisfies never;
  }
}
