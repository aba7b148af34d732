/** What the activator's process is told. */
export interface Ask {
  /** One Service listens on each. */
  readonly ports: readonly number[];
  /** Where the first Service's pod is, once it is ready. */
  readonly podPort: number;
  /** Requests at a time that a pod is given; 0 = any number. */
  readonly concurrency: number;
}
