import { distribution } from "./distribution.ts";

const WIDTH = 760;
const LEFT = 190;
const ROW = 46;
const COLOURS = ["#4878a8", "#d1603d", "#5a9367", "#8e6c8a", "#b08b2e", "#4f6d7a"];

/**
 * A strip of dots per row, one dot a run, with the median as a bar: shows the whole distribution of each
 * contestant on one shared axis.
 */
export const stripChart = (
  title: string,
  rows: ReadonlyMap<string, readonly number[]>,
  unit: string,
): string => {
  const all = [...rows.values()].flat();
  const [low, high] = [Math.min(...all, 0), Math.max(...all)];
  const x = (value: number): number => LEFT + ((value - low) / (high - low || 1)) * (WIDTH - LEFT - 30);
  const height = 60 + rows.size * ROW + 30;
  const strips = [...rows].map(([name, values], index) => strip({ name, values, index, x }));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="white"/><text x="16" y="26" font-size="16">${escape(title)}</text>`,
    ...strips,
    axis({ low, high, y: 60 + rows.size * ROW, x, unit }),
    "</svg>\n",
  ].join("\n");
};

interface Strip {
  readonly name: string;
  readonly values: readonly number[];
  readonly index: number;
  readonly x: (value: number) => number;
}

const strip = ({ name, values, index, x }: Strip): string => {
  const y = 66 + index * ROW;
  const { p50, p95 } = distribution(values);
  const colour = COLOURS[index % COLOURS.length]!;
  const dots = values.map((value, i) => {
    const jitter = ((i * 7) % 13) - 6;
    return `<circle cx="${x(value).toFixed(1)}" cy="${y + jitter}" r="2.5" fill="${colour}" fill-opacity="0.55"/>`;
  });
  const bar = `<line x1="${x(p50).toFixed(1)}" x2="${x(p50).toFixed(1)}" y1="${y - 12}" y2="${y + 12}" stroke="${colour}" stroke-width="3"/>`;
  const label = `<text x="16" y="${y}">${escape(name)}</text><text x="16" y="${y + 14}" font-size="11" fill="#666">p50 ${p50.toFixed(1)} · p95 ${p95.toFixed(1)} · n ${values.length}</text>`;
  return [label, ...dots, bar].join("");
};

interface Axis {
  readonly low: number;
  readonly high: number;
  readonly y: number;
  readonly x: (value: number) => number;
  readonly unit: string;
}

const axis = ({ low, high, y, x, unit }: Axis): string => {
  const step = niceStep((high - low || 1) / 6);
  const ticks: string[] = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
    const at = x(value).toFixed(1);
    ticks.push(
      `<line x1="${at}" x2="${at}" y1="44" y2="${y}" stroke="#ddd"/><text x="${at}" y="${y + 16}" font-size="11" text-anchor="middle">${Number(value.toPrecision(6))}</text>`,
    );
  }
  return `${ticks.join("")}<text x="${WIDTH - 30}" y="${y + 28}" font-size="11" text-anchor="end">${escape(unit)}</text>`;
};

/** 1, 2 or 5 times a power of ten, at least `raw`. */
const niceStep = (raw: number): number => {
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10);
};

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
