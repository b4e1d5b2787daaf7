import { createHmac } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { z } from 'zod';

/** 0 when the signature is good, else the code that the service answers. */
export type UserSigCheck = (identifier: string, userSig: string, nowMs: number) => UserSigVerdict;
export type UserSigVerdict = 0 | 70001 | 70003 | 70009 | 70013 | 70014;

/**
 * Checks signatures of one app: that they can be read (70003), are for this app (70014) and identifier (70013), were made with
 * its key (70009), and have not expired (70001). A good one is remembered, because a client sends the same for a day.
 */
export function createUserSigCheck(sdkAppId: number, secretKey: string): UserSigCheck {
  const known = new Map<string, UserSig>();
  return (identifier, userSig, nowMs) => {
    let content = known.get(userSig);
    if (content === undefined) {
      content = readUserSig(userSig);
      if (content === undefined) return 70003;
      if (content['TLS.sdkappid'] !== sdkAppId) return 70014;
      if (content['TLS.sig'] !== sign(content, secretKey)) return 70009;
      if (known.size >= rememberedSignatures) known.clear();
      known.set(userSig, content);
    }
    if (content['TLS.identifier'] !== identifier) return 70013;
    return content['TLS.time'] + content['TLS.expire'] <= nowMs / 1000 ? 70001 : 0;
  };
}

/** Many more than one client uses in a test; a bound only for one that signs every request anew. */
const rememberedSignatures = 1000;

/** Times in seconds. Source: Tencent's official signer. */
const userSigContent = z.object({
  'TLS.ver': z.literal('2.0'),
  'TLS.identifier': z.string(),
  'TLS.sdkappid': z.int(),
  'TLS.time': z.int(),
  'TLS.expire': z.int(),
  'TLS.sig': z.string(),
});
type UserSig = z.infer<typeof userSigContent>;

/** Undefined when it is no signature at all, or one cut off. */
function readUserSig(userSig: string): UserSig | undefined {
  const base64 = userSig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=');
  try {
    const content: unknown = JSON.parse(
      inflateSync(Buffer.from(base64, 'base64'), { maxOutputLength: 4096 }).toString(),
    );
    return userSigContent.safeParse(content).data;
  } catch {
    return undefined;
  }
}

function sign(content: UserSig, secretKey: string): string {
  const lines = (['TLS.identifier', 'TLS.sdkappid', 'TLS.time', 'TLS.expire'] as const).map(
    (name) => `${name}:${content[name]}\n`,
  );
  return createHmac('sha256', secretKey).update(lines.join('')).digest('base64');
}
