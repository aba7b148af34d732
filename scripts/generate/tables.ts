import { errorCatalogue } from "#core/errors.ts";
import { filesTable } from "./files.ts";
import { markdownTable } from "./markdown.ts";

/** The generated tables by the name that documents use. */
export const tables: Record<string, () => string> = {
  files: filesTable,
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
