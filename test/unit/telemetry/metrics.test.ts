import { describe, expect, test } from 'vitest';
import { describeMetrics, metricTable } from '../../../src/telemetry/metric-table.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

const endpoint = { app: 'main', endpoint: 'room_stats' } as const;

describe('metrics', () => {
  test('a total that is kept elsewhere is exposed as it is, not added up', async () => {
    const metrics = createMetrics();
    metrics.setTotal('livetally_samples_committed_total', { endpoint: 'room_stats' }, 10);
    metrics.setTotal('livetally_samples_committed_total', { endpoint: 'room_stats' }, 25);
    expect(await metrics.text()).toContain('livetally_samples_committed_total{endpoint="room_stats"} 25');
  });

  test('gauges are refreshed before each scrape', async () => {
    const metrics = createMetrics();
    let length = 1;
    metrics.beforeScrape(() => metrics.set('livetally_queue_length', endpoint, length));
    expect(await metrics.text()).toContain('livetally_queue_length{app="main",endpoint="room_stats"} 1');
    length = 2;
    expect(await metrics.text()).toContain('livetally_queue_length{app="main",endpoint="room_stats"} 2');
  });

  test('a histogram counts into its buckets', async () => {
    const metrics = createMetrics();
    metrics.observe('livetally_poll_lateness_seconds', endpoint, 0.02);
    expect(await metrics.text()).toContain(
      'livetally_poll_lateness_seconds_bucket{le="0.025",app="main",endpoint="room_stats"} 1',
    );
  });

  test('process metrics are there, and no gauge has a name that ends in _total', async () => {
    const text = await createMetrics().text();
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).not.toMatch(/# TYPE \S+_total gauge/);
  });

  test('no metric has a label that grows with the watchlist', () => {
    for (const { labels } of Object.values(metricTable)) {
      for (const label of labels)
        expect(['app', 'endpoint', 'outcome', 'reason', 'sink', 'tier', 'version', 'node_version']).toContain(label);
    }
  });

  test('the table in words names every metric once', () => {
    const lines = describeMetrics().split('\n');
    expect(lines.length).toBe(Object.keys(metricTable).length + 2);
  });
});
