/**
 * Weights of the exponential average. Knative takes them from Go's `math.Pow`, which differs from `Math.pow` in
 * the last bit here and there, so its values are listed and its way of multiplying is repeated.
 */

/** `1 - 0.0001^(1/n)` for n = 1 to 41 buckets. */
const FACTORS: readonly number[] = [
  0.9999, 0.99, 0.9535841116638721, 0.9, 0.8415106807538886, 0.7845565309968116, 0.7317304204720274,
  0.683772233983162, 0.6406186336195372, 0.6018928294465027, 0.5671238718916941, 0.535841116638722,
  0.507611736829326, 0.4820525320768788, 0.45883047345353634, 0.4376586748096509, 0.41829086706256413,
  0.40051574968105896, 0.3841517889339736, 0.36904265551980675, 0.3550533228962376, 0.342066775342432,
  0.3299812496490411, 0.31870793094203875, 0.3081690290810636, 0.29829617132961717, 0.28902905676875645,
  0.28031432699884795, 0.27210461560168486, 0.2643577455403586, 0.25703604924050527, 0.2501057906675441,
  0.24353667244537114, 0.23730141409765548, 0.231375389960226, 0.2257363173188729, 0.22036398695947668,
  0.21524002964853872, 0.21034771315002732, 0.2056717652757185, 0.20119821919842973,
];

/** What the latest of `buckets` buckets weighs; 0.2 at least. */
export const smoothingFactor = (buckets: number): number => FACTORS[buckets - 1] ?? 0.2;

/**
 * `base^count` for a base in (0, 1) and a whole count ≥ 0, bit for bit as Go's `math.Pow`: square and multiply,
 * low bit first, mantissa in [0.5, 1) and exponent apart.
 */
export const silenceWeight = (base: number, count: number): number => {
  if (count === 0) return 1;
  if (count === 1) return base;
  let [square, squarePower] = split(base);
  let mantissa = 1;
  let power = 0;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) {
    // Far below the smallest double: Go stops there as well.
    if (squarePower < -4096) return 0;
    if (rest % 2 === 1) {
      mantissa *= square;
      power += squarePower;
    }
    square *= square;
    squarePower *= 2;
    if (square < 0.5) {
      square += square;
      squarePower -= 1;
    }
  }
  return power < -1000 ? mantissa * 2 ** -1000 * 2 ** (power + 1000) : mantissa * 2 ** power;
};

/** A positive number as a mantissa in [0.5, 1) times a power of two. */
const split = (value: number): [mantissa: number, power: number] => {
  let mantissa = value;
  let power = 0;
  for (; mantissa < 0.5; power--) mantissa *= 2;
  for (; mantissa >= 1; power++) mantissa /= 2;
  return [mantissa, power];
};
