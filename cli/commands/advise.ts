/** `pilotlight advise`: what makes a Service slow to wake, and the line of YAML that changes it. */
import { advise as adviseOn } from "#core/advice/advise.ts";
import { EnvError, EXIT_BAD_INPUT, parseEnv } from "#core/env.ts";
import { adviceText } from "../advise/print.ts";
import { readSubject } from "../advise/read-subject.ts";
import { command, UsageError } from "../command.ts";
import { componentEnv, openCluster } from "../component.ts";

export const advise = command({
  summary: "say what makes a Service slow to wake, with milliseconds where they are known",
  usage: "[NAMESPACE/]SERVICE [-n NAMESPACE] [--json]",
  options: {
    namespace: {
      type: "string",
      short: "n",
      value: "NAMESPACE",
      help: "the Service's namespace (default: default)",
    },
    json: { type: "boolean", help: "one JSON object" },
  },
  details: `
Looks at the workload behind the Service, at the nodes' images, and at the cold starts that the activators have
recorded. It reads only, with kubectl's access. Exit code: 0, also when there is advice; 1 when the Service cannot
be read.`,
  run: async (values, operands) => {
    const [name, ...more] = operands;
    if (name === undefined || more.length > 0) throw new UsageError("which Service? [NAMESPACE/]SERVICE");
    const key = name.includes("/") ? name : `${values.namespace ?? "default"}/${name}`;
    if (!/^[^/]+\/[^/]+$/.test(key))
      throw new UsageError(`${JSON.stringify(name)}: write [NAMESPACE/]SERVICE`);
    try {
      return await print(key, values.json === true);
    } catch (error) {
      if (error instanceof EnvError) return told(error.message, EXIT_BAD_INPUT);
      return told((error as Error).message, 1);
    }
  },
});

const told = (message: string, code: number): number => {
  process.stderr.write(`pilotlight advise: ${message}\n`);
  return code;
};

const print = async (key: string, json: boolean): Promise<number> => {
  const settings = parseEnv(componentEnv, { PILOTLIGHT_LOG_LEVEL: "warn", ...process.env });
  const { client } = await openCluster("advise", settings, 2);
  try {
    const subject = await readSubject(client, key);
    const advice = adviseOn(subject);
    const whole = { service: key, workload: subject.workload, starts: subject.starts, advice };
    process.stdout.write(json ? `${JSON.stringify(whole)}\n` : adviceText(key, subject, advice));
    return 0;
  } finally {
    client.close();
  }
};
