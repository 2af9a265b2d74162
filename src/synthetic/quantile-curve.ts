/** Points of a distribution: which share of values is at most so large. Ascending. */
export type QuantileCurve = readonly (readonly [share: number, value: number])[];

/** The value below which a share of a distribution lies, interpolated between the points by ratio. */
export function quantile(curve: QuantileCurve, share: number): number {
  const above = curve.findIndex(([at]) => at >= share);
  if (above <= 0) return above === 0 ? curve[0][1] : (curve.at(-1)?.[1] ?? 0);
  const [fromShare, from] = curve[above - 1];
  const [toShare, to] = curve[above];
  return from * (to / from) ** ((share - fromShare) / (toShare - fromShare));
}
