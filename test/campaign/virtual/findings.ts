/** What a run found that must not be. The words begin with where to look. */
export class Findings {
  lost = 0;
  doubled = 0;
  /** Anything else that is not as it must be. */
  wrong = 0;
  readonly words: string[] = [];

  add(kind: 'lost' | 'doubled' | 'wrong', words: string, count = 1): void {
    if (count === 0) return;
    this[kind] += count;
    if (this.words.length < mostWords) this.words.push(`${kind}: ${words}`);
  }

  get isClean(): boolean {
    return this.lost === 0 && this.doubled === 0 && this.wrong === 0;
  }
}

const mostWords = 20;
