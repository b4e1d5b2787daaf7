import type { StoreStatus } from './model/store-status.ts';
import type { Metrics } from './telemetry/metrics.ts';

/** What the store says of itself, into the metrics. */
export function setStoreGauges(metrics: Metrics, status: StoreStatus, unacknowledged: number, nowMs: number): void {
  metrics.set('livetally_store_size_bytes', {}, status.sizeBytes);
  metrics.set('livetally_store_max_size_bytes', {}, status.maxSizeBytes);
  metrics.set('livetally_store_commit_failing', {}, status.commitProblem === undefined ? 0 : 1);
  metrics.set('livetally_store_uncommitted_samples', {}, unacknowledged);
  for (const [endpoint, committed] of Object.entries(status.committed)) {
    metrics.setTotal('livetally_samples_committed_total', { endpoint }, committed);
  }
  for (const { sink, endpoint, delivered, waiting, rejected, dropped, oldestWaitingMs } of status.sinks) {
    const labels = { sink, endpoint };
    const ageMs = oldestWaitingMs === undefined ? 0 : Math.max(0, nowMs - oldestWaitingMs);
    metrics.setTotal('livetally_samples_delivered_total', labels, delivered);
    metrics.setTotal('livetally_samples_rejected_total', labels, rejected);
    metrics.setTotal('livetally_samples_dropped_total', labels, dropped);
    metrics.set('livetally_samples_waiting', labels, waiting);
    metrics.set('livetally_samples_waiting_age_seconds', labels, ageMs / 1000);
  }
}
