import { pino } from "pino";

export type Logger = pino.Logger;

export interface LogOptions {
  readonly level: string;
  readonly component: string;
  /** File descriptor that takes the lines: 1 for a component on a cluster, 2 where stdout is the product. */
  readonly fd?: 1 | 2;
}

/**
 * The root logger of a process: JSON lines. A message is a constant, variables are fields, and the revision
 * is always the field `service`.
 */
export const createLogger = (options: LogOptions): Logger =>
  pino(
    {
      level: options.level,
      base: { component: options.component },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ fd: options.fd ?? 1, sync: true }),
  );

/** Says nothing: for tests and for callers that do not care. */
export const silentLogger: Logger = pino({ level: "silent" });
