import ky from 'ky';
import type { Reply } from './connection-pool.ts';

/**
 * Sends a POST with ky, over a transport of ours: the hook answers before ky makes a request of its own, which costs a fraction of
 * ky as it comes. Retries stay with the caller, whose limiter they must pass, and so does the time-out.
 * ky sees the URL without its query: nothing that ky says, logs or throws can have the signature in it.
 */
export async function postWithKy(url: string, transport: () => Promise<Reply>): Promise<Reply> {
  const answer = await post(url, { hooks: { beforeRequest: [async () => new Answer(await transport())] } });
  if (!(answer instanceof Answer)) throw new Error('ky made a request past the connection pool');
  return answer.reply;
}

const post = ky.create({ method: 'post', retry: 0, timeout: false });

/** Carries a reply through ky without the cost of a body stream. */
class Answer extends Response {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super();
    this.reply = reply;
  }
}
