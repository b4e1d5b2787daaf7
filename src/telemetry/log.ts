import pino from 'pino';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ['json', 'pretty'] as const;
export type LogFormat = (typeof logFormats)[number];

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** One line for each event that an operator would act on. Fields are plain values, so that no object with a secret in it gets here. */
export type Log = {
  readonly [level in LogLevel]: (message: string, fields?: LogFields) => void;
};

export type LogOptions = {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly destination: { write(line: string): unknown };
};

export async function createLog({ level, format, destination }: LogOptions): Promise<Log> {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(options, format === 'json' ? destination : await prettyInto(destination));
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}

/** Loaded only where it is asked for: a service that writes JSON does not pay for it. */
async function prettyInto(destination: LogOptions['destination']): Promise<LogOptions['destination']> {
  const { prettyFactory } = await import('pino-pretty');
  const format = prettyFactory({ colorize: false, translateTime: 'SYS:HH:MM:ss', singleLine: true });
  return { write: (line) => destination.write(format(line)) };
}
