/** One thing that the configuration asks for, and how what is there stands to it. */
export type Item = {
  /** Such as `bucket live_5m`. */
  readonly subject: string;
  readonly words: string;
} & (
  | {
      /**
       * same: as asked for. note: differs, which setup leaves as it is and which does no harm.
       * problem: must be mended first; nothing is changed while there is one.
       */
      readonly status: 'same' | 'note' | 'problem';
    }
  | {
      readonly status: 'change';
      make(): Promise<void>;
    }
);

/** Where a token or password is expected, and what is there. */
export type SecretPlace = {
  /** Empty where nothing is. */
  readonly present: string;
  /** For messages, such as `the file data/influx-token` or `influxdb.token`. */
  readonly name: string;
  /** What is made is written there; it is shown once otherwise. */
  readonly isFile: boolean;
  put(secret: string): Promise<void>;
};

export const same = (subject: string, words: string): Item => ({ status: 'same', subject, words });
export const note = (subject: string, words: string): Item => ({ status: 'note', subject, words });
export const problem = (subject: string, words: string): Item => ({ status: 'problem', subject, words });
export const change = (subject: string, words: string, make: () => Promise<void>): Item => ({
  status: 'change',
  subject,
  words,
  make,
});
