/** Metrics of a run over time: what a point is, and where points are kept. */

/** What is recorded. */
export interface MetricPoint {
  readonly run: string;
  /** Kebab-case, with the unit last, for example `validation-mase`. */
  readonly name: string;
  /** Any number, NaN and infinities among them. */
  readonly value: number;
  /** Position in whatever is counted: an optimiser step, a trial. */
  readonly step?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What is read back: complete, with its instant (ISO 8601, UTC). */
export interface RecordedPoint extends MetricPoint {
  readonly at: string;
}

/** A store of metric points. */
export interface Metrics {
  /** Keeps the points, all or none; nothing if points were kept under the same `key` before, so that replayed work counts once. */
  record(points: readonly MetricPoint[], key?: string): void;
  /** Points of a run, of one name if given, in the order they were recorded. */
  query(selection: { readonly run: string; readonly name?: string }): RecordedPoint[];
}
