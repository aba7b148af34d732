import type { KubeClient } from "./client.ts";
import type { KubeObject, ObjectList } from "./objects.ts";
import type { Selection } from "./watch-events.ts";

export interface Listed<T> {
  readonly items: readonly T[];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
}

const PAGE = 500;

export interface ListOptions {
  readonly signal?: AbortSignal;
  /** What the server's cache has will do: no question to etcd, and perhaps a moment old. */
  readonly cached?: boolean;
}

/** All objects of a selection, page by page, as they are now (a consistent read). Rejects with an `ApiError`. */
export const listAll = async <T extends KubeObject>(
  client: KubeClient,
  selection: Selection,
  { signal, cached = false }: ListOptions = {},
): Promise<Listed<T>> => {
  const { path, labelSelector, fieldSelector } = selection;
  const paging = cached ? { resourceVersion: "0" } : { limit: PAGE };
  const items: T[] = [];
  let next: string | undefined;
  for (;;) {
    const page: ObjectList<T> = await client.call({
      method: "GET",
      path,
      query: { ...paging, continue: next, labelSelector, fieldSelector },
      ...(signal === undefined ? {} : { signal }),
    });
    items.push(...(page.items ?? []));
    next = page.metadata?.continue;
    if (next === undefined || next === "") {
      return { items, resourceVersion: page.metadata?.resourceVersion ?? "" };
    }
  }
};
