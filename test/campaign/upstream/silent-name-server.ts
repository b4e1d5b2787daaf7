import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Read before a program with `--import`, this is a name server that never answers for some names: what the machine has is not
 * touched. As the C library does by default, it gives up after two tries of five seconds.
 */
const { lookup } = dns;
const givesUpMs = 10_000;

function lookUp(hostname: string, ...rest: readonly unknown[]): unknown {
  if (!hostname.endsWith('.silent.invalid')) return Reflect.apply(lookup, dns, [hostname, ...rest]);
  const callback = rest.at(-1);
  const error = Object.assign(new Error(`getaddrinfo EAI_AGAIN ${hostname}`), { code: 'EAI_AGAIN' });
  const giveUp = () => (typeof callback === 'function' ? callback(error) : undefined);
  // The end of the process is not to wait for it.
  setTimeout(giveUp, givesUpMs).unref();
  return {};
}

Object.defineProperty(dns, 'lookup', { value: lookUp });
syncBuiltinESMExports();
