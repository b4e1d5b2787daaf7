import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** The answer to a GET without credentials. */
export type Greeting = { readonly httpStatus: number; readonly headers: Readonly<Record<string, unknown>> };

export type AddressReport = {
  /** What speaks at the port; undefined where nothing that answers HTTP does. */
  readonly protocol: 'http:' | 'https:' | undefined;
  readonly greeting: Greeting | undefined;
};

/**
 * Finds out what an address really leads to, where a request to it has failed: the words of libraries for TLS spoken to a port
 * without it, and the other way round, help nobody. TLS is tried first: servers of it answer plain HTTP too, with a complaint.
 */
export async function exploreAddress(address: string, signal: AbortSignal): Promise<AddressReport> {
  for (const protocol of ['https:', 'http:'] as const) {
    const greeting = await greet(address.replace(/^https?:/, protocol), signal);
    if (greeting !== undefined) return { protocol, greeting };
  }
  return { protocol: undefined, greeting: undefined };
}

/** What to mend in the address, if that is it; `key` is where it stands in the configuration. */
export function schemeProblem(address: string, { protocol }: AddressReport, key: string): string | undefined {
  if (protocol === undefined || address.startsWith(`${protocol}//`)) return undefined;
  const spoken = protocol === 'https:' ? 'TLS' : 'plain HTTP, without TLS';
  return `that port speaks ${spoken}: write ${protocol}// in ${key}`;
}

function greet(url: string, signal: AbortSignal): Promise<Greeting | undefined> {
  const { promise, resolve } = Promise.withResolvers<Greeting | undefined>();
  // Nothing secret is sent, so that it may be anybody who answers.
  const options = { agent: false, signal, rejectUnauthorized: false };
  const sent = (url.startsWith('https:') ? requestHttps : requestHttp)(url, options, (answer) => {
    resolve({ httpStatus: answer.statusCode ?? 0, headers: answer.headers });
    answer.destroy();
  });
  sent.on('error', () => resolve(undefined));
  sent.end();
  return promise;
}
