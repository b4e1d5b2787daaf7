/** What a node gives: one number for each set of labels. A value may be null; no numbers at all is Grafana's NoData. */
export type LabelledNumber = { readonly labels: ReadonlyMap<string, string>; readonly value: number | null };

export const unlabelled: ReadonlyMap<string, string> = new Map();

export type Pair = {
  readonly labels: LabelledNumber['labels'];
  readonly left: LabelledNumber;
  readonly right: LabelledNumber;
};

/**
 * How Grafana pairs the numbers of two operands: equal labels, the labels of one within those of the other, or none on one side.
 * What finds no partner drops out. Only when there is one number on each side do they pair whatever their labels are, and lose them.
 */
export function pairs(left: readonly LabelledNumber[], right: readonly LabelledNumber[]): readonly Pair[] {
  const rightByLabels = new Map(right.map((number) => [keyOf(number.labels), number]));
  const found: Pair[] = [];
  // Nearly always all labels are of the same names, and then a look-up is what the comparison of each with each comes to.
  const isUniform = new Set([...left, ...right].map(({ labels }) => [...labels.keys()].join('\n'))).size <= 1;
  if (isUniform) {
    for (const one of left) {
      const other = rightByLabels.get(keyOf(one.labels));
      if (other !== undefined) found.push({ labels: one.labels, left: one, right: other });
    }
  } else {
    for (const one of left) {
      for (const other of right) {
        const labels = common(one.labels, other.labels);
        if (labels !== undefined) found.push({ labels, left: one, right: other });
      }
    }
  }
  const [onlyLeft, onlyRight] = [left[0], right[0]];
  if (found.length > 0 || left.length !== 1 || right.length !== 1 || !onlyLeft || !onlyRight) return found;
  return [{ labels: unlabelled, left: onlyLeft, right: onlyRight }];
}

export function keyOf(labels: ReadonlyMap<string, string>): string {
  return JSON.stringify([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function common(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) {
  const [smaller, larger] = one.size <= other.size ? [one, other] : [other, one];
  if (smaller.size === larger.size && keyOf(smaller) !== keyOf(larger)) return undefined;
  return [...smaller].every(([name, text]) => larger.get(name) === text) ? larger : undefined;
}
