/** Makes an authority and one certificate of it. */
// @peculiar/x509 needs a Reflect metadata polyfill that is loaded before it.
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { KeyObject, randomBytes } from "node:crypto";
import { dateOf, type Millis } from "#core/clock.ts";
import { BACKDATE, type Issued, LIFETIME } from "./certificate-state.ts";

/**
 * Makes certificates. Loaded only when one is needed: the library costs about 140 ms and 35 MB, which a
 * replica that finds a good certificate in the Secret never pays.
 */

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A fresh authority (ECDSA P-256) and one serving certificate of it for `dnsNames`, the first being its subject. */
export const issue = async (dnsNames: readonly string[], now: Millis): Promise<Issued> => {
  const dates = { notBefore: dateOf(now - BACKDATE), notAfter: dateOf(now + LIFETIME) };
  const authorityKeys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const serialNumber = serial();
  // The serial number in the name keeps two authorities of one bundle apart for verifiers that go by name.
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...dates,
    serialNumber,
    name: [{ O: ["pilotlight.dev"] }, { CN: [`pilotlight webhook ${serialNumber}`] }],
    signingAlgorithm: ALGORITHM,
    keys: authorityKeys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const leaf = await X509CertificateGenerator.create({
    ...dates,
    serialNumber: serial(),
    subject: [{ O: ["pilotlight.dev"] }, { CN: [dnsNames[0] ?? ""] }],
    issuer: authority.subject,
    signingAlgorithm: ALGORITHM,
    signingKey: authorityKeys.privateKey,
    publicKey: keys.publicKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: "dns", value }))),
    ],
  });
  return {
    certificate: line(leaf.toString("pem")),
    key: KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString(),
    authority: line(authority.toString("pem")),
  };
};

/** 127 random bits, positive, as RFC 5280 wants it. */
const serial = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString("hex");
};

const line = (pem: string): string => (pem.endsWith("\n") ? pem : `${pem}\n`);
