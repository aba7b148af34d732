/** Lists in the annotations that say what happens while a Service has no pod. */
import { isIP } from "node:net";

const MAX_ENTRIES = 64;
const MAX_LENGTH = 256;

/** Entries between commas, blanks around them taken off; undefined when there are none, too many or too long ones. */
const readList = (text: string, valid: (entry: string) => boolean): readonly string[] | undefined => {
  const entries = text.split(",").map((entry) => entry.trim());
  const good = entries.length <= MAX_ENTRIES && entries.every((entry) => isEntry(entry) && valid(entry));
  return good ? entries : undefined;
};

const isEntry = (entry: string): boolean => /^[\u0020-\u007e]+$/.test(entry) && entry.length <= MAX_LENGTH;

/** Globs of paths: `/healthz`, `/internal/*`; `*` stands for anything, nothing else is special. */
export const readPaths = (text: string): readonly string[] | undefined =>
  readList(text, (entry) => entry.startsWith("/") || entry.startsWith("*"));

/** Globs of user agents: `kube-probe/*`, `*Googlebot*`. */
export const readUserAgents = (text: string): readonly string[] | undefined => readList(text, () => true);

/** Networks `10.0.0.0/8`, `fd00::/8`, and single addresses. */
export const readCidrs = (text: string): readonly string[] | undefined => readList(text, isCidr);

const isCidr = (entry: string): boolean => {
  const [address = "", bits, ...rest] = entry.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes("%")) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
};

/** A line of text for people. */
export const readTitle = (text: string): string | undefined =>
  text.length > 0 && text.length <= 200 && !/\p{Cc}/u.test(text) ? text : undefined;

export const readTheme = (text: string): "auto" | "light" | "dark" | undefined =>
  text === "auto" || text === "light" || text === "dark" ? text : undefined;

/** As Kubernetes writes booleans in annotations. */
export const readSwitch = (text: string): boolean | undefined =>
  text === "true" ? true : text === "false" ? false : undefined;
