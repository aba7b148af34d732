/** A Kubernetes CPU quantity in cores: `500m`, `2`, `0.5`; undefined when it is none. */
export const coresOf = (quantity: string | number): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(String(quantity));
  if (match === null) return undefined;
  return Number(match[1]) / (match[2] === "m" ? 1000 : 1);
};
