import { divergences } from "#core/divergences.ts";
import { errorCatalogue } from "#core/errors.ts";
import { annotationsTable, ownAnnotationsTable } from "./annotations.ts";
import { configTable } from "./config.ts";
import { filesTable } from "./files.ts";
import { markdownTable } from "./markdown.ts";
import { metricsTable } from "./metrics.ts";
import { settingsTable } from "./settings.ts";

/** The generated tables by the name that documents use. */
export const tables: Record<string, () => string> = {
  files: filesTable,
  annotations: annotationsTable,
  "own-annotations": ownAnnotationsTable,
  "config-autoscaler": configTable,
  settings: settingsTable,
  metrics: metricsTable,
  divergences: () =>
    markdownTable(
      ["name", "what Pilotlight does, and why", "`knative.md`"],
      Object.entries(divergences).map(([name, { reason, section }]) => [`\`${name}\``, reason, section]),
    ),
  errors: () =>
    markdownTable(
      ["code", "status", "gRPC", "ended by", "message", "what to do"],
      Object.entries(errorCatalogue).map(([code, kind]) => [
        `\`${code}\``,
        String(kind.status),
        String(kind.grpc),
        kind.by,
        kind.message,
        kind.remedy,
      ]),
    ),
};
