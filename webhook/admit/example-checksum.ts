/** Tells whether somebody edited a ConfigMap's example instead of its settings. */
import { crc32 } from "node:zlib";

/** Knative's annotation on every ConfigMap that it ships (`knative.md` 2.8). */
export const EXAMPLE_CHECKSUM = "knative.dev/example-checksum";
/** The key of a ConfigMap that holds documentation, never settings. */
const EXAMPLE = "_example";

const CHANGED =
  'the update modifies a key in "_example" which is probably not what you want. Instead, copy the ' +
  'respective setting to the top-level of the ConfigMap, directly below "data"';

/**
 * CRC-32 (IEEE) over the text without blanks around it and with every run of line ends replaced by a
 * backslash and an `n`: eight lower-case hexadecimal digits. So indentation of the block does not count, and
 * neither do empty lines.
 */
export const exampleChecksum = (text: string): string =>
  crc32(text.trim().replaceAll(/(?:\r?\n)+/g, "\\n"))
    .toString(16)
    .padStart(8, "0");

/** Knative's text when somebody has edited the example instead of the settings; undefined when all is well. */
export const exampleProblem = (
  data: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
): string | undefined => {
  const example = data[EXAMPLE];
  const checksum = annotations[EXAMPLE_CHECKSUM];
  if (example === undefined || checksum === undefined) return undefined;
  return exampleChecksum(example) === checksum ? undefined : CHANGED;
};
