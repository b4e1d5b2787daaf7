/** The candidate that was most likely meant, as `did you mean "x"?`; undefined when none is near. */
export function didYouMean(written: string, candidates: Iterable<string>): string | undefined {
  // Longer words are not looked at: nobody mistypes that much, and the distance is quadratic.
  if (written.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = Math.ceil(written.length / 3) + 1;
  for (const candidate of candidates) {
    // So many letters have to be inserted or deleted at least.
    if (Math.abs(candidate.length - written.length) >= bestDistance) continue;
    const distance = editDistance(written.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best === undefined ? undefined : `did you mean "${best}"?`;
}

/** Insertions, deletions and replacements of a character that turn one word into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
