import type { SinkStatus, StoreStatus } from './model/store-status.ts';
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
  for (const { endpoint, tier, rows } of status.rolledUp) {
    metrics.setTotal('livetally_windows_committed_total', { endpoint, tier }, rows);
  }
  for (const { endpoint, waiting, dropped } of status.rollUp) {
    metrics.set('livetally_roll_up_waiting', { endpoint }, waiting);
    metrics.setTotal('livetally_roll_up_dropped_total', { endpoint }, dropped);
  }
  for (const sink of status.sinks) {
    if (sink.tier === 'raw') setSampleGauges(metrics, sink, nowMs);
    else setWindowGauges(metrics, sink, nowMs);
  }
}

function setSampleGauges(metrics: Metrics, status: SinkStatus, nowMs: number): void {
  const labels = { sink: status.sink, endpoint: status.endpoint };
  metrics.setTotal('livetally_samples_delivered_total', labels, status.delivered);
  metrics.setTotal('livetally_samples_rejected_total', labels, status.rejected);
  metrics.setTotal('livetally_samples_dropped_total', labels, status.dropped);
  metrics.set('livetally_samples_waiting', labels, status.waiting);
  metrics.set('livetally_samples_waiting_age_seconds', labels, ageSeconds(status, nowMs));
}

function setWindowGauges(metrics: Metrics, status: SinkStatus, nowMs: number): void {
  const labels = { sink: status.sink, endpoint: status.endpoint, tier: status.tier };
  metrics.setTotal('livetally_windows_delivered_total', labels, status.delivered);
  metrics.setTotal('livetally_windows_rejected_total', labels, status.rejected);
  metrics.setTotal('livetally_windows_dropped_total', labels, status.dropped);
  metrics.set('livetally_windows_waiting', labels, status.waiting);
  metrics.set('livetally_windows_waiting_age_seconds', labels, ageSeconds(status, nowMs));
}

function ageSeconds({ oldestWaitingMs }: SinkStatus, nowMs: number): number {
  return oldestWaitingMs === undefined ? 0 : Math.max(0, nowMs - oldestWaitingMs) / 1000;
}
