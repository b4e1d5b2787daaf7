import type { Dice } from '../dice.ts';
import { keys } from './tokens.ts';
import { morePatterns, paths, patterns, texts } from './words-of-texts.ts';
import { addresses, calls, crons, durations, factors, listens, recipients, sizes, zones } from './words-of-values.ts';

/** Texts that mean something somewhere, right or wrong. */
export function anyText(dice: Dice): string {
  const kinds = [
    durations,
    sizes,
    crons,
    zones,
    addresses,
    calls,
    recipients,
    factors,
    listens,
    patterns,
    morePatterns,
    paths,
    texts,
    texts,
    texts,
  ];
  return dice.pickAny(dice.pickAny(kinds) ?? texts) ?? '';
}

/** What belongs under a key, by its name; mostly almost right. */
const byKey = new Map<string, readonly (readonly string[])[]>([
  ['url', [addresses, calls]],
  ['webhook', [calls]],
  ['base_url', [addresses]],
  ['email', [recipients]],
  ['timezone', [zones]],
  ['schedule', [crons]],
  ['rooms', [crons, factors]],
  ['gifts', [crons, factors]],
  ['listen', [listens]],
  ['file', [patterns, morePatterns, paths]],
  ['path', [paths]],
  ['max_size', [sizes]],
  ...['secret_key_file', 'token_file', 'password_file'].map((key) => [key, [paths]] as const),
  ...['sdk_app_id', 'floor', 'factor', 'share', 'store_share', 'batch_size'].map((key) => [key, [factors]] as const),
  ...['keep', '5m', '1h', '1d', '1mo', 'timeout', 'request_timeout'].map((key) => [key, [durations]] as const),
  ...['signature_life', 'close_after', 'nothing_arrives', 'late', 'every'].map((key) => [key, [durations]] as const),
]);

/** A text of the kind that the key takes, where there is one. */
export function fittingText(key: string, dice: Dice): string {
  return dice.pickAny(dice.pickAny(byKey.get(key) ?? [texts]) ?? texts) ?? '';
}

const plain = [
  null,
  true,
  false,
  0,
  -1,
  1,
  1.5,
  3,
  50,
  60,
  101,
  1e5,
  1e21,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
] as const;

/** A value of any type, up to three levels deep. */
export function anyValue(dice: Dice, depth = 3): unknown {
  const kind = dice.below(depth > 0 ? 8 : 6);
  if (kind < 4) return anyText(dice);
  if (kind < 6) return dice.pick(plain);
  const size = dice.below(4);
  const children = Array.from({ length: size }, () => anyValue(dice, depth - 1));
  return kind === 6 ? children : Object.fromEntries(children.map((child) => [dice.pick(keys), child]));
}
