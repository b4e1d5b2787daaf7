import { join } from 'node:path';
import { isRecord, readText } from './json-answer.ts';
import { requireServer } from './locate.ts';
import { type ServerProcess, spawnServer } from './spawn-server.ts';

export interface ExportedSeries {
  /** Labels, with the name under `__name__`. */
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  /** Epoch milliseconds. */
  readonly timestamps: readonly number[];
}

export interface VictoriaMetrics {
  readonly server: ServerProcess;
  readonly url: string;
  /** Writes line protocol with times in milliseconds. A line that the server refuses raises no error: it answers 204. */
  write(lines: string): Promise<void>;
  /** The stored samples of all series that match a selector such as `{room_id="r1"}`, through `/api/v1/export`. */
  exportSeries(selector: string): Promise<ExportedSeries[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts VictoriaMetrics; by default it drops data older than a month without a word, here it keeps a century. */
export async function startVictoriaMetrics(): Promise<VictoriaMetrics> {
  const server = await spawnServer({
    name: 'victoria-metrics',
    binary: requireServer('victoria-metrics'),
    argumentsAt: ({ port, directory }) => [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${join(directory, 'data')}`,
      '-retentionPeriod=100y',
    ],
    healthPath: '/health',
  });
  const { url } = server;
  return {
    server,
    url,
    async write(lines) {
      await readText(await fetch(`${url}/api/v2/write?precision=ms`, { method: 'POST', body: lines }));
    },
    async exportSeries(selector) {
      // What was just written is otherwise found a second or more later.
      await readText(await fetch(`${url}/internal/force_flush`));
      const query = new URLSearchParams({ 'match[]': selector });
      const text = await readText(await fetch(`${url}/api/v1/export?${query}`));
      return text.split('\n').filter(Boolean).map(parseExportedSeries);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
    },
  };
}

function parseExportedSeries(line: string): ExportedSeries {
  const series: unknown = JSON.parse(line);
  if (!isRecord(series) || !isRecord(series['metric'])) {
    throw new Error(`no exported series: ${line}`);
  }
  const labels = Object.entries(series['metric']).map(([name, value]) => [name, String(value)]);
  return {
    metric: Object.fromEntries(labels),
    values: numbers(series['values']),
    timestamps: numbers(series['timestamps']),
  };
}

function numbers(values: unknown): number[] {
  return Array.isArray(values) ? values.map(Number) : [];
}
