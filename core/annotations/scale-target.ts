/** The workload that is scaled, by `pilotlight.dev/scale-target`. */
export interface ScaleTarget {
  /** `apps/v1`; `v1` for the core group. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

const GROUP = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const VERSION = /^v[0-9][a-z0-9]*$/;
const KIND = /^[A-Z][A-Za-z0-9]*$/;
/** A DNS subdomain, as names of workloads are. */
const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/** Reads `apps/v1/StatefulSet/hello` or, for the core group, `v1/ReplicationController/hello`. */
export const readScaleTarget = (text: string): ScaleTarget | undefined => {
  const parts = text.split("/");
  const name = parts.pop() ?? "";
  const kind = parts.pop() ?? "";
  const [version = "", group, ...rest] = parts.toReversed();
  const good =
    rest.length === 0 &&
    VERSION.test(version) &&
    KIND.test(kind) &&
    NAME.test(name) &&
    name.length <= 253 &&
    (group === undefined || GROUP.test(group));
  return good ? { apiVersion: group === undefined ? version : `${group}/${version}`, kind, name } : undefined;
};
