import { samplePoint } from '../../../src/model/point.ts';
import { type Endpoint, endpoints } from '../../../src/model/target.ts';
import { tiers } from '../../../src/model/window.ts';
import type { VirtualClock } from '../../virtual-clock.ts';
import { StoreReader } from './check-store.ts';
import { tierPoints } from './check-tiers.ts';
import type { CollectorLife } from './collector-life.ts';
import type { Findings } from './findings.ts';
import { LivedTime } from './lived-time.ts';
import { type RecallContext, recallCopy, takeBack } from './recall-copy.ts';
import { pointKey, type SimulatedSink } from './simulated-sink.ts';
import type { StoreFiles } from './store-files.ts';
import { TruthLog } from './truth-log.ts';

type Lost = ReturnType<TruthLog['forget']>;

const endless = Number.POSITIVE_INFINITY;

/** What is known of a run beside the collector, from life to life: its files, what was taken and what was said to be on the disk. */
export class Records {
  readonly log = new TruthLog();
  readonly lived = new LivedTime();
  readonly files: StoreFiles;
  /** Recall has brought back all that the copy does not know. */
  isWholeAgain = false;
  readonly #findings: Findings;
  readonly #reader: StoreReader;
  readonly #committed = { room_stats: 0, gift_count: 0 };
  #backedUpMs: number | undefined;
  #lost: Lost | undefined;

  constructor(files: StoreFiles, findings: Findings) {
    this.files = files;
    this.#findings = findings;
    this.#reader = new StoreReader(this.log, findings);
  }

  /** What it was told is on the disk must be there, and what is not there has never been. */
  lifeEnded({ acknowledged }: CollectorLife, clock: VirtualClock, { isClean }: { readonly isClean: boolean }): void {
    this.lived.ended(clock.wallMs(), clock.monotonicMs());
    for (const endpoint of endpoints) this.#committed[endpoint] += acknowledged[endpoint];
    Object.assign(this.#committed, this.#reader.compare(this.files.path, this.#committed));
    if (!isClean) this.log.forget(this.#committed);
    for (const endpoint of endpoints) {
      const missing = this.log.taken(endpoint).length - this.#committed[endpoint];
      this.#findings.add('lost', `${missing} samples of ${endpoint} were not committed before the stop`, missing);
    }
  }

  get hasCopy(): boolean {
    return this.#backedUpMs !== undefined;
  }

  /** Until a collector was seen alive there is nothing to copy; false then. */
  async backUp(): Promise<boolean> {
    const { seenMs } = this.lived;
    if (seenMs === undefined) return false;
    await this.files.backUp();
    this.#backedUpMs = seenMs;
    return true;
  }

  /** Somebody has gone back to the copy, and is to do so again. */
  get isToGoBackAgain(): boolean {
    return this.#lost !== undefined;
  }

  /** When the newest of the samples was due. */
  get lastDueMs(): number {
    return endpoints
      .flatMap((endpoint) => this.log.taken(endpoint))
      .reduce((latestMs, { sample }) => Math.max(latestMs, sample.dueMs), 0);
  }

  /**
   * The store becomes what it was when the copy was made: what was taken since has never been, but the sink has had it. With
   * `recall` the store gets back what the sink has; where it is to come `later`, the collector goes on without, and then from the
   * copy once more.
   */
  async goBackToCopy(sink: SimulatedSink, recall: RecallContext | 'later' | undefined): Promise<void> {
    this.files.restore();
    this.#reader.startOver();
    Object.assign(this.#committed, this.#reader.compare(this.files.path, { room_stats: 0, gift_count: 0 }));
    const lost = this.#allLost(this.log.forget(this.#committed));
    if (typeof recall === 'object') await this.#recall(lost, recall);
    this.lived.forget(this.#backedUpMs ?? endless);
    if (recall === 'later') this.#lost = lost;
    else this.#backedUpMs = undefined;
    const points = endpoints.flatMap((endpoint) =>
      this.log.taken(endpoint).map(({ series, sample }) => samplePoint(series, sample)),
    );
    sink.disown(undefined, new Map(points.map((point) => [pointKey(point), point.fields])));
    for (const tier of tiers) sink.disown(tier, tierPoints(this.files.path, tier));
  }

  /** Since the copy was made, before somebody went back to it and since then. */
  #allLost(lost: Lost): Lost {
    const before = this.#lost;
    this.#lost = undefined;
    const all = (endpoint: Endpoint) => [...(before?.[endpoint] ?? []), ...lost[endpoint]];
    return { room_stats: all('room_stats'), gift_count: all('gift_count') };
  }

  async #recall(lost: Lost, context: RecallContext): Promise<void> {
    const { path } = this.files;
    await recallCopy(path, context);
    this.isWholeAgain = takeBack(path, { log: this.log, lost, known: this.#committed }, context);
    Object.assign(this.#committed, this.#reader.compare(path, this.#committed));
  }
}
