/**
 * `npm run -s bench -- SCENARIO [options]`: each scenario answers one question (bench/README.md). A scenario
 * checks first that the answers are right, interleaves what it compares, and prints medians with n.
 */
interface Scenario {
  readonly question: string;
  readonly load: () => Promise<{ run: (args: string[]) => Promise<void> }>;
}

const scenarios: Record<string, Scenario> = {
  "cold-start": {
    question:
      "How much later than the process itself does the first answer come? (--local | --cluster, -n RUNS)",
    load: () => import("./cold-start/main.ts"),
  },
  "activator-start": {
    question: "How long until the image's activator is ready, and what does it hold idle? (-n RUNS)",
    load: () => import("./activator-start/main.ts"),
  },
  proxy: {
    question:
      "What does a request cost: CPU, throughput on a core, added latency, memory? (--rows, --contestants, --seconds, --rounds)",
    load: () => import("./proxy/main.ts"),
  },
  held: {
    question:
      "What do 10,000 requests at zero hold, how fast and in what order do they leave; what do 5,000 idle Services cost? (-n RUNS)",
    load: () => import("./held/main.ts"),
  },
  admission: {
    question:
      "What does the webhook add to a write, what does it hold, when does it serve? (--rate, --seconds, -n STARTS)",
    load: () => import("./admission/main.ts"),
  },
  ramp: {
    question:
      "Do pods go to what the KPA says under load, stay, and come back to zero, with no request lost?",
    load: () => import("./ramp/main.ts"),
  },
  autoscaler: {
    question:
      "What do decisions for thousands of revisions cost: CPU, lateness, memory? (--revisions N,N, --seconds S)",
    load: () => import("./autoscaler/main.ts"),
  },
};

const [name = "", ...args] = process.argv.slice(2);
const scenario = scenarios[name];
if (scenario === undefined) {
  const list = Object.entries(scenarios).map(([key, { question }]) => `  ${key.padEnd(14)} ${question}`);
  console.error(
    `${name === "" || name === "--help" ? "" : `unknown scenario "${name}"\n`}scenarios:\n${list.join("\n")}`,
  );
  process.exit(name === "--help" ? 0 : 64);
}
await (await scenario.load()).run(args);
