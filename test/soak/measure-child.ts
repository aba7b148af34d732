/**
 * Loaded into the process that is soaked, before the command line: answers each IPC message with the process's
 * size, or writes a heap snapshot to the path that the message is.
 */
import { readFileSync, readdirSync } from "node:fs";
import { writeHeapSnapshot } from "node:v8";

const handles = (): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** Memory of its own, in bytes: without the program's pages, which the kernel drops and reads again as it likes. */
const ownMemory = (): number => {
  const status = readFileSync("/proc/self/status", "latin1");
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)![1]);
  return (kilobytes("RssAnon") + kilobytes("VmSwap")) * 1024;
};

process.on("message", (message: string) => {
  if (message !== "measure") return void process.send!(writeHeapSnapshot(message));
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const descriptors = readdirSync("/proc/self/fd").length;
  const { user, system } = process.cpuUsage();
  process.send!({
    own: ownMemory(),
    heap: heapUsed,
    external,
    descriptors,
    cpuMs: (user + system) / 1000,
    handles: handles(),
  });
});
process.channel!.unref();
