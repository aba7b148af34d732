/** Whole numbers as Kubernetes writes a quantity: with the largest suffix that leaves them whole. */

/** 209715200 → `200Mi`, 1073741824 → `1Gi`, 1500 → `1500`. */
export const binaryQuantity = (value: bigint): string =>
  suffixed(value, 1024n, ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]);

/** 2000 → `2k`, 1500 → `1500`. */
export const decimalQuantity = (value: bigint): string =>
  suffixed(value, 1000n, ["", "k", "M", "G", "T", "P", "E"]);

const suffixed = (value: bigint, step: bigint, suffixes: readonly string[]): string => {
  let rest = value;
  let power = 0;
  while (rest !== 0n && rest % step === 0n && power < suffixes.length - 1) {
    rest /= step;
    power++;
  }
  return `${rest}${suffixes[power]}`;
};
