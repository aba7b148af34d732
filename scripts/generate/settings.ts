import * as z from "zod/mini";
import { activatorEnv } from "../../activator/config.ts";
import { autoscalerEnv } from "../../autoscaler/config.ts";
import { nodeAgentEnv } from "../../node-agent/config.ts";
import { webhookEnv } from "../../webhook/config.ts";
import { markdownTable } from "./markdown.ts";

const parts = {
  activator: activatorEnv,
  autoscaler: autoscalerEnv,
  webhook: webhookEnv,
  "node-agent": nodeAgentEnv,
};

/** Every setting of every part; text and default from its schema. */
export const settingsTable = (): string =>
  markdownTable(
    ["part", "variable", "default", "meaning"],
    Object.entries(parts).flatMap(([part, schema]) =>
      Object.entries(schema.shape).map(([name, field]) => [
        part,
        `\`${name}\``,
        fallback(field),
        describe(part, name, field),
      ]),
    ),
  );

const describe = (part: string, name: string, field: z.ZodMiniType): string => {
  const description = z.globalRegistry.get(field)?.description;
  if (description === undefined) throw new Error(`${part}: ${name} has no description`);
  return description;
};

/** What an absent variable comes to. */
const fallback = (field: z.ZodMiniType): string => {
  const result = field.safeParse(undefined);
  if (!result.success) return "must be set";
  const { data } = result;
  if (data === undefined || data === "" || data instanceof Set) return "–";
  return `\`${JSON.stringify(data).replaceAll('"', "")}\``;
};
