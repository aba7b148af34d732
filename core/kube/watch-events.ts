import { ApiError, errorOfStatus } from "./api-error.ts";
import type { KubeClient } from "./client.ts";
import type { KubeObject } from "./objects.ts";

/** What to list and watch. */
export interface Selection {
  /** All objects of a kind: `pathOfAll(…)`. */
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  /** Says only how far the watch has come: `object.metadata.resourceVersion`. */
  | { readonly type: "BOOKMARK"; readonly object: T };

export interface WatchOptions {
  /** Changes after this one, from a list. */
  readonly resourceVersion: string;
  /** The server ends the watch after this time; a watch is never trusted for longer. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

const eventOf = <T>(line: string): WatchEvent<T> => {
  let event: { readonly type: string; readonly object: T };
  try {
    event = JSON.parse(line) as typeof event;
  } catch (cause) {
    throw new ApiError("the API server sent a line that is no JSON", { status: 0, reason: "BadLine", cause });
  }
  if (event.type === "ERROR") throw errorOfStatus(event.object, 500);
  return event as WatchEvent<T>;
};

/** The changes after `resourceVersion`, until the server ends the watch. Throws an `ApiError`. */
export async function* watchEvents<T extends KubeObject>(
  client: KubeClient,
  selection: Selection,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  const { path, labelSelector, fieldSelector } = selection;
  const { resourceVersion, timeoutSeconds, signal } = options;
  const query = { watch: 1, allowWatchBookmarks: true, resourceVersion, timeoutSeconds };
  const lines = client.lines({
    method: "GET",
    path,
    query: { ...query, labelSelector, fieldSelector },
    signal,
  });
  for await (const line of lines) yield eventOf<T>(line);
}
