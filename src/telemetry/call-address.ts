import type { CallAddress } from './heartbeat.ts';

/** A GET whose answer is not read. */
export const callAddress: CallAddress = async (url, signal) => {
  const answer = await fetch(url, { signal });
  await answer.body?.cancel();
  return answer.ok;
};
