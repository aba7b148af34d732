/** Leaves out of the bundles what packages bring along and no part uses; each saves memory in every process. */
import type { Plugin } from "esbuild";

/**
 * undici brings fetch, WebSocket, caches and mocks along, 15 MB of memory; we send requests with its client and know
 * its errors. prom-client brings summaries, a push gateway and metrics for clusters of processes. Whoever imports more
 * of them finds that the image cannot be built, and adds it here.
 */
const USED: Readonly<Record<string, readonly string[]>> = {
  undici: [
    'export { default as Client } from "undici/lib/dispatcher/client.js";',
    'export { default as errors } from "undici/lib/core/errors.js";',
  ],
  "prom-client": [
    'export { default as Registry } from "prom-client/lib/registry.js";',
    'export { default as Counter } from "prom-client/lib/counter.js";',
    'export { default as Gauge } from "prom-client/lib/gauge.js";',
    'export { default as Histogram } from "prom-client/lib/histogram.js";',
    'export { default as collectDefaultMetrics } from "prom-client/lib/defaultMetrics.js";',
  ],
};

/** What is asked for by these names is not there: its callers never get to it. */
const UNUSED: Readonly<Record<string, string>> = {
  // prom-client asks it for the trace of a request when exemplars are switched on.
  "@opentelemetry/api": "exports.context = exports.trace = undefined;",
  // pino's threads and their start; ours writes to a file descriptor by itself.
  "./transport": 'module.exports = () => { throw new Error("the image has no transports of pino"); };',
};

const onlyUsed: Plugin = {
  name: "only-used",
  setup: (build) => {
    const names = Object.keys(USED).join("|");
    build.onResolve({ filter: new RegExp(`^(${names})$`) }, ({ path }) => ({ path, namespace: "only-used" }));
    build.onLoad({ filter: /.*/, namespace: "only-used" }, ({ path }) => ({
      contents: USED[path]!.join("\n"),
      resolveDir: process.cwd(),
    }));
  },
};

const noUnused: Plugin = {
  name: "no-unused",
  setup: (build) => {
    build.onResolve({ filter: /^@opentelemetry\/api$|^\.\/(lib\/)?transport$/ }, ({ path, importer }) => {
      const isTheirs = /[/\\]node_modules[/\\](pino|prom-client)[/\\]/.test(importer);
      return isTheirs ? { path: path.replace("lib/", ""), namespace: "no-unused" } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: "no-unused" }, ({ path }) => ({ contents: UNUSED[path]! }));
  },
};

export const lean: readonly Plugin[] = [onlyUsed, noUnused];
