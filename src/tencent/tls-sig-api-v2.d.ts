// Tencent's official signer carries no types.
declare module 'tls-sig-api-v2' {
  export class Api {
    constructor(sdkAppId: number, secretKey: string);
    /** Signs for now, by the system's clock, for this many seconds. */
    genUserSig(identifier: string, lifeSeconds: number): string;
  }
}
