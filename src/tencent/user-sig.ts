import { Api } from 'tls-sig-api-v2';
import type { Clock } from '../model/clock.ts';

export type UserSigOptions = {
  readonly sdkAppId: number;
  readonly identifier: string;
  readonly secretKey: string;
  /** Whole seconds count; Tencent advises a day at least. */
  readonly signatureLifeMs: number;
  readonly clock: Clock;
};

/** `text` goes into a query string as it is: Tencent's alphabet is letters, digits, `*`, `-` and `_`. */
export type Signature = { readonly text: string; readonly madeAtMs: number; readonly expiresAtMs: number };

const renewAtShareOfLife = 0.8;

/** A wrong key makes every signature a refused one, and Tencent locks out (70050) whoever tries too often. */
const refusalPaceMs = 60_000;

/** Keeps one signature of the app's administrator. The secret key is known here and nowhere else. */
export class UserSig {
  readonly #signer: Api;
  readonly #identifier: string;
  readonly #lifeSeconds: number;
  readonly #clock: Clock;
  #signature: Signature;
  #isStale = false;
  #refusalTakenMs = Number.NEGATIVE_INFINITY;

  constructor({ sdkAppId, identifier, secretKey, signatureLifeMs, clock }: UserSigOptions) {
    this.#signer = new Api(sdkAppId, secretKey);
    this.#identifier = identifier;
    this.#lifeSeconds = Math.floor(signatureLifeMs / 1000);
    this.#clock = clock;
    this.#signature = this.#sign();
  }

  /**
   * The signature to use now. It is made anew at 80 % of its life, and when the wall clock was set back behind its making:
   * to the server it may then be a signature from the future.
   */
  current(): Signature {
    const ageMs = this.#clock.wallMs() - this.#signature.madeAtMs;
    const isDue = ageMs < 0 || ageMs >= this.#lifeSeconds * 1000 * renewAtShareOfLife;
    if (this.#isStale || isDue) {
      this.#signature = this.#sign();
      this.#isStale = false;
    }
    return this.#signature;
  }

  /**
   * Tells that the server did not accept a signature: the next `current()` makes another. Late refusals of a signature
   * that was replaced already change nothing, and refusals in a row renew it once a minute, however many requests were refused.
   */
  refused(signature: Signature): void {
    if (signature !== this.#signature || this.#isStale) return;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#refusalTakenMs < refusalPaceMs) return;
    this.#refusalTakenMs = nowMs;
    this.#isStale = true;
  }

  #sign(): Signature {
    // The signer reads the system's clock and keeps whole seconds.
    const madeAtMs = this.#clock.wallMs();
    return {
      text: this.#signer.genUserSig(this.#identifier, this.#lifeSeconds),
      madeAtMs,
      expiresAtMs: (Math.floor(madeAtMs / 1000) + this.#lifeSeconds) * 1000,
    };
  }
}
