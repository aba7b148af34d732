import type { KubeClient } from "./client.ts";
import type { KubeObject, ObjectList } from "./objects.ts";
import type { Selection } from "./watch-events.ts";

export interface Listed<T> {
  readonly items: readonly T[];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
}

const PAGE = 500;

/** All objects of a selection, page by page, as they are now (a consistent read). Rejects with an `ApiError`. */
export const listAll = async <T extends KubeObject>(
  client: KubeClient,
  selection: Selection,
  signal?: AbortSignal,
): Promise<Listed<T>> => {
  const { path, labelSelector, fieldSelector } = selection;
  const items: T[] = [];
  let next: string | undefined;
  for (;;) {
    const page: ObjectList<T> = await client.call({
      method: "GET",
      path,
      query: { limit: PAGE, continue: next, labelSelector, fieldSelector },
      ...(signal === undefined ? {} : { signal }),
    });
    items.push(...(page.items ?? []));
    next = page.metadata?.continue;
    if (next === undefined || next === "") {
      return { items, resourceVersion: page.metadata?.resourceVersion ?? "" };
    }
  }
};
