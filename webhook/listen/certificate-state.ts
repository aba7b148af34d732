/** Decides when a certificate is made, prepared and put in force. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Millis } from "#core/clock.ts";
import type { ServingCertificate } from "./certificate.ts";

/**
 * What the certificate Secret says, and what is to be done about it. Pure: `now` comes in.
 *
 * A certificate is changed in three steps, so that the API server trusts the new authority before any
 * replica shows a certificate of it:
 *
 *   current ──(last third of its life)──▶ prepare: a next pair, its authority joins the trust bundle
 *           ──(bundle published and settled)──▶ promote: next becomes current, both authorities stay trusted
 *           ──(next rotation)──▶ the older authority leaves the bundle
 *
 * The authority's key is thrown away after it has signed its one certificate: nobody can steal it.
 */

const DAY: Millis = 86_400_000;
/** How long a new certificate is valid. */
export const LIFETIME: Millis = 30 * DAY;
/** It is replaced when less than this is left. */
export const ROTATE_BEFORE: Millis = 10 * DAY;
/** Certificates begin this much before they are made: clocks of other nodes may be behind. */
export const BACKDATE: Millis = 5 * 60_000;
/** How long a published trust bundle gets to reach every API server. */
export const SETTLE: Millis = 60_000;

interface Pair extends ServingCertificate {
  readonly notBefore: Millis;
  readonly notAfter: Millis;
}

export interface CertificateState {
  readonly current: Pair | undefined;
  readonly next: Pair | undefined;
  /** Trusted authorities, PEM, oldest first. */
  readonly authorities: readonly string[];
}

/** What is made anew: a serving pair and the authority that signed it, all PEM. */
export interface Issued extends ServingCertificate {
  readonly authority: string;
}

type Data = Readonly<Record<string, string>>;

/** Keys of the Secret; the first three are named as in Knative's (`knative.md` 6.4). */
const KEYS = {
  certificate: "server-cert.pem",
  key: "server-key.pem",
  authorities: "ca-cert.pem",
  nextCertificate: "next-server-cert.pem",
  nextKey: "next-server-key.pem",
} as const;

/** Reads the Secret. What does not parse, or is not for `dnsName`, counts as not there. */
export const readState = (data: Data | undefined, dnsName: string): CertificateState => {
  const authorities = (data?.[KEYS.authorities] ?? "").match(PEM_CERTIFICATE) ?? [];
  const pair = (certificate: string | undefined, key: string | undefined) =>
    certificate === undefined || key === undefined
      ? undefined
      : readPair({ certificate, key }, authorities, dnsName);
  return {
    current: pair(data?.[KEYS.certificate], data?.[KEYS.key]),
    next: pair(data?.[KEYS.nextCertificate], data?.[KEYS.nextKey]),
    authorities,
  };
};

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g;

const readPair = (
  pair: ServingCertificate,
  authorities: readonly string[],
  dnsName: string,
): Pair | undefined => {
  try {
    const leaf = new X509Certificate(pair.certificate);
    const trusted = authorities.some((pem) => leaf.verify(new X509Certificate(pem).publicKey));
    if (!trusted || leaf.checkHost(dnsName) === undefined) return undefined;
    if (!leaf.checkPrivateKey(createPrivateKey(pair.key))) return undefined;
    return { ...pair, notBefore: leaf.validFromDate.getTime(), notAfter: leaf.validToDate.getTime() };
  } catch {
    return undefined; // not PEM, or not of this kind: as good as absent
  }
};

export type Step = "keep" | "issue" | "prepare" | "promote";

/**
 * | current            | next                        | step    |
 * |--------------------|-----------------------------|---------|
 * | none, or expired   | none, or expired            | issue   |
 * | none, or expired   | valid                       | promote |
 * | 10 days or less    | none, or expired            | prepare |
 * | valid              | published and settled       | promote |
 * | otherwise          |                             | keep    |
 *
 * `published`: whether the API server has been told of all `state.authorities`.
 */
export const nextStep = (state: CertificateState, now: Millis, published: boolean): Step => {
  const { current, next } = state;
  const nextIsGood = next !== undefined && now < next.notAfter;
  if (current === undefined || now >= current.notAfter) return nextIsGood ? "promote" : "issue";
  if (nextIsGood) return published && now >= next.notBefore + BACKDATE + SETTLE ? "promote" : "keep";
  return now >= current.notAfter - ROTATE_BEFORE ? "prepare" : "keep";
};

/** The Secret's data after `issue`: nothing that was there is of use. */
export const issueInto = (issued: Issued): Data => ({
  [KEYS.certificate]: issued.certificate,
  [KEYS.key]: issued.key,
  [KEYS.authorities]: issued.authority,
});

/** The Secret's data after `prepare`; only the authority of the present certificate stays beside the new one. */
export const prepareInto = (data: Data, state: CertificateState, issued: Issued): Data => ({
  ...data,
  [KEYS.nextCertificate]: issued.certificate,
  [KEYS.nextKey]: issued.key,
  [KEYS.authorities]: [...authoritiesOf(state.current, state.authorities), issued.authority].join(""),
});

/** The Secret's data after `promote`. */
export const promoteInto = (data: Data, state: CertificateState): Data => {
  const { [KEYS.nextCertificate]: _certificate, [KEYS.nextKey]: _key, ...rest } = data;
  if (state.next === undefined) return rest;
  return { ...rest, [KEYS.certificate]: state.next.certificate, [KEYS.key]: state.next.key };
};

const authoritiesOf = (pair: Pair | undefined, authorities: readonly string[]): readonly string[] => {
  if (pair === undefined) return [];
  const leaf = new X509Certificate(pair.certificate);
  return authorities.filter((pem) => leaf.verify(new X509Certificate(pem).publicKey));
};
