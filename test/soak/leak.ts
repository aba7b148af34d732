const MIB = 1024 * 1024;

/** A process when nothing goes on in it. */
export interface Size {
  /** Anonymous memory, swapped out or not. */
  readonly own: number;
  readonly heap: number;
  readonly external: number;
  readonly descriptors: number;
  readonly cpuMs: number;
  /** What keeps its event loop alive, by kind. */
  readonly handles: Readonly<Record<string, number>>;
}

/**
 * How much more each third of a run may take than the one before. The heap breathes by some hundred kilobytes (code
 * that is compiled late, tables that grow by doubling). The process's own memory comes in steps: malloc keeps what
 * the largest burst so far took, 16 MB at one time in a run that was flat before and after. So only what grows in
 * both halves of a run is a leak. Some 13,000 exchanges lie between two thirds of a whole run: 100 bytes that each
 * leaves behind would be 1.3 MB. Two descriptors are those of connections that may outlast a round; at the end of a
 * run there is no such allowance.
 */
const allowed = { heap: 0.75 * MIB, own: 4 * MIB, descriptors: 1, handles: 1 };

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

const handlesOf = ({ handles }: Size): number =>
  Object.values(handles).reduce((sum, count) => sum + count, 0);

/** What of a process has grown from the first third of `sizes` to the second and again to the last by more than is allowed. */
export const growth = (sizes: readonly Size[]): string[] => {
  const third = Math.floor(sizes.length / 3);
  const thirds = [sizes.slice(0, third), sizes.slice(third, -third), sizes.slice(-third)];
  const figures: readonly (readonly [keyof typeof allowed, (size: Size) => number])[] = [
    ["heap", ({ heap }) => heap],
    ["own", ({ own }) => own],
    ["descriptors", ({ descriptors }) => descriptors],
    ["handles", handlesOf],
  ];
  return figures.flatMap(([name, of]) => {
    const [first = 0, middle = 0, last = 0] = thirds.map((part) => median(part.map(of)));
    const grown = Math.min(middle - first, last - middle);
    return grown <= allowed[name]
      ? []
      : [`${name} grows by ${grown} from third to third (allowed ${allowed[name]})`];
  });
};

export const sizeText = (size: Size): string => {
  const { own, heap, external, descriptors, cpuMs, handles } = size;
  const kinds = Object.entries(handles).map(([kind, count]) => `${count} ${kind}`);
  return `own ${(own / MIB).toFixed(1)}, heap ${(heap / MIB).toFixed(2)}, external ${(external / MIB).toFixed(2)} MiB, ${descriptors} descriptors, CPU ${(cpuMs / 1000).toFixed(1)} s, ${kinds.join(" ")}`;
};
