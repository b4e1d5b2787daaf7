/** How many points a batch may have: fewer for a while after the server found one too large. */
export type BatchLimit = { readonly points: number; readonly raiseAtMs: number };

const holdMs = 10 * 60_000;

export function fullLimit(points: number): BatchLimit {
  return { points, raiseAtMs: Number.POSITIVE_INFINITY };
}

export function lowered(limit: BatchLimit, refusedPoints: number, nowMs: number): BatchLimit {
  const points = Math.max(1, Math.min(limit.points, refusedPoints >> 1));
  return { points, raiseAtMs: nowMs + holdMs };
}

/** Twice as many points, up to the full limit, each time the limit has held for ten minutes. */
export function raised(limit: BatchLimit, fullPoints: number, nowMs: number): BatchLimit {
  if (nowMs < limit.raiseAtMs) return limit;
  const points = Math.min(fullPoints, limit.points * 2);
  return points === fullPoints ? fullLimit(points) : { points, raiseAtMs: nowMs + holdMs };
}
