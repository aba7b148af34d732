/** The data path in a process of its own, so that its memory can be told from that of the test's client and pod. */
import type { Dest } from "#core/ports.ts";
import type { Protocol } from "#core/revision.ts";
import { PortPath } from "../helpers/port-path.ts";

interface Order {
  readonly protocol: Protocol;
  readonly dest: Dest;
}

let path: PortPath | undefined;

const serve = async ({ protocol, dest }: Order): Promise<void> => {
  await path?.[Symbol.asyncDispose]();
  path = await PortPath.start(protocol, { dests: [dest] });
  process.send!({ host: path.host, port: path.port });
};

process.on("message", (order: Order | "peak") => {
  // The highest there has been, not what is there now.
  if (order === "peak") process.send!(process.resourceUsage().maxRSS * 1024);
  else void serve(order);
});
process.on("disconnect", () => process.exit());
