import { existsSync, mkdirSync, statSync } from "node:fs";
import type { ClusterOptions } from "../options.ts";
import { kubectlOf, startApiServer, startControllers } from "./control-plane.ts";
import { dnsObjects, startDns } from "./dns.ts";
import { until } from "./exec.ts";
import { importImage, startContainerd, startNode } from "./node.ts";
import { closeSandbox, openSandbox } from "./sandbox.ts";
import { isForsaken, knownClusters, readRecord, stateDir, type ProcessId, type StateDir } from "./state.ts";
import { buildTestImages } from "./test-images.ts";
import { buildTools, type Tools } from "./tools.ts";

/** Folders without a record are somebody's first moments, unless they are older than this (ms). */
const FIRST_MOMENTS = 60_000;

/**
 * Makes a cluster and returns when pods can start in it; what is left of killed runs is removed first. With
 * `owner`, this very process, the cluster ends with it. When it fails, nothing stays.
 */
export const bringUp = async (options: ClusterOptions, owner?: ProcessId): Promise<StateDir> => {
  await removeLeftovers();
  const state = stateDir(options.name);
  const tools = await buildTools(options.cacheDir);
  const images = await buildTestImages(options.cacheDir);
  if (readRecord(state) !== undefined) throw new Error(`cluster "${options.name}" is up already`);
  mkdirSync(state.root, { recursive: true, mode: 0o700 });
  try {
    await start(state, tools, owner, images);
  } catch (error) {
    await closeSandbox(state);
    throw error;
  }
  return state;
};

const start = async (
  state: StateDir,
  tools: Tools,
  owner: ProcessId | undefined,
  images: readonly string[],
): Promise<void> => {
  await openSandbox(state, owner);
  const runtime = startContainerd(state).then(async () => {
    for (const image of images) await importImage(state, image);
  });
  await Promise.all([runtime, startApiServer(state, tools.kubernetes)]);
  await startControllers(state, tools.kubernetes);
  await startNode(state, tools.kubernetes);
  await startDns(state, tools.coredns);
  const kubectl = kubectlOf(state, tools.kubernetes);
  await kubectl(["apply", "-f", "-"], JSON.stringify(dnsObjects));
  await until("the node to be ready", 90_000, () => isNodeReady(kubectl));
  await until("the default ServiceAccount", 30_000, () =>
    kubectl(["get", "serviceaccount", "default"]).catch(() => undefined),
  );
};

const isNodeReady = async (
  kubectl: (args: readonly string[]) => Promise<string>,
): Promise<true | undefined> => {
  const path = '-o=jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}';
  return (await kubectl(["get", "nodes", path])) === "True" ? true : undefined;
};

/** Takes a cluster down; does nothing when there is none of this name. */
export const takeDown = (name: string): Promise<void> => closeSandbox(stateDir(name));

/** Removes what clusters left behind whose holder or owner was killed. */
export const removeLeftovers = async (): Promise<void> => {
  for (const name of knownClusters()) {
    const state = stateDir(name);
    if (isLeftover(state)) await closeSandbox(state);
  }
};

const isLeftover = (state: StateDir): boolean => {
  if (!existsSync(state.root)) return false;
  const record = readRecord(state);
  if (record === undefined) return Date.now() - statSync(state.root).mtimeMs > FIRST_MOMENTS;
  return isForsaken(record);
};
