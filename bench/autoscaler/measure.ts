/** What the parent asks of a child, as JSON in its one argument. */
export interface Ask {
  readonly revisions: number;
  readonly pods: number;
  /** Who report about every revision, once a second each. */
  readonly reporters: number;
  /** Stats come over WebSockets from the parent instead of from a function call. */
  readonly wire: boolean;
  readonly warmS: number;
  readonly seconds: number;
}

/** What the child found, as JSON on its last line. */
export interface Found {
  /** Percent of one core, user and system, all threads. */
  readonly cpu: number;
  readonly lateP99Ms: number;
  readonly lateMaxMs: number;
  readonly rssMb: number;
  /** Scale changes per second. */
  readonly changes: number;
  /** Revisions whose pods are not those of any load of the last window. */
  readonly wrong: number;
}
