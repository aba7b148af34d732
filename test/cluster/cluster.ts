/** What a cluster test uses: `const cluster = useCluster()` at the top of a `describe`. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { readOptions } from "./options.ts";
import { accessCluster, type Access } from "./setup/access.ts";
import { killComponent, restartComponent } from "./setup/components.ts";
import { exec, until, type ExecOptions, type Result } from "./setup/exec.ts";
import { installChart, uninstallChart } from "./setup/product.ts";
import { stateDir } from "./setup/state.ts";

/** Upper limit of any wait in a cluster test, in milliseconds; generous, the machine may be busy. */
export const PATIENCE = 60_000;

/** A Kubernetes object, as YAML or JSON has it. */
export type KubeObject = Readonly<Record<string, unknown>>;

export class TestCluster {
  readonly #access: Access;
  readonly #name: string;
  readonly #namespaces: string[] = [];
  #installed = false;
  /** For clients: a file with the address, the authority and an administrator's token. */
  readonly kubeconfig: string;
  /** Whether this process sees pods and Services itself; not so on a cluster that is not ours. */
  readonly isInside: boolean;

  constructor(access: Access, name: string) {
    this.#access = access;
    this.#name = name;
    this.kubeconfig = access.kubeconfig;
    this.isInside = access.inside !== undefined;
  }

  /** Runs kubectl; throws with what it said. Returns what it printed. */
  async kubectl(...args: string[]): Promise<string> {
    return (await exec([...this.#access.kubectl, ...args])).stdout;
  }

  /** Runs helm; throws with what it said. Returns what it printed. */
  async helm(...args: string[]): Promise<string> {
    return (await exec([...this.#access.helm, ...args])).stdout;
  }

  /** Creates or changes objects: YAML text or values. Without `namespace` each goes where it says itself. */
  async apply(objects: string | readonly KubeObject[], namespace?: string): Promise<void> {
    const input =
      typeof objects === "string"
        ? objects
        : JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    const where = namespace === undefined ? [] : ["--namespace", namespace];
    await exec([...this.#access.kubectl, "apply", ...where, "-f", "-"], { input });
  }

  /** Runs kubectl with objects on its standard input (`-f -`), and returns all that it said, warnings too. */
  kubectlWith(objects: readonly KubeObject[], ...args: string[]): Promise<Result> {
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    return exec([...this.#access.kubectl, ...args, "-f", "-"], { input });
  }

  /** Reads one object; `undefined` when there is none. `what` is like "deployment/hello". */
  async get<T = KubeObject>(what: string, namespace: string): Promise<T | undefined> {
    const text = await this.kubectl("get", what, "-n", namespace, "-o", "json", "--ignore-not-found");
    return text === "" ? undefined : (JSON.parse(text) as T);
  }

  /** Reads all objects of a kind, with a label selector if given. */
  async list<T = KubeObject>(kind: string, namespace: string, selector = ""): Promise<T[]> {
    const text = await this.kubectl("get", kind, "-n", namespace, "-l", selector, "-o", "json");
    return (JSON.parse(text) as { items: T[] }).items;
  }

  /** Posts JSON to a pod's port through the API server: works wherever the cluster is. */
  async post<T>(
    pod: { namespace: string; name: string; port: number },
    path: string,
    body: object,
  ): Promise<T> {
    const proxy = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}:${pod.port}/proxy${path}`;
    const argv = [...this.#access.kubectl, "create", "--raw", proxy, "-f", "-"];
    return JSON.parse((await exec(argv, { input: JSON.stringify(body) })).stdout) as T;
  }

  /** Runs a command where pods, Services and their names can be reached; only when `isInside`. */
  async inside(argv: readonly string[], options?: ExecOptions): Promise<Result> {
    if (this.#access.inside === undefined) throw new Error("this cluster has no inside on this machine");
    return exec([...this.#access.inside, ...argv], options);
  }

  /** Puts an image (docker-archive) on the nodes. */
  async importImage(archive: string): Promise<void> {
    await this.#access.importImage(archive);
  }

  /** Installs or upgrades Pilotlight's chart until `cleanUp`; `values` are like `activator.replicas=3`. */
  async install(values: readonly string[] = []): Promise<void> {
    this.#installed = true;
    await installChart(this.#access, values);
  }

  async uninstall(): Promise<void> {
    await uninstallChart(this.#access);
    this.#installed = false;
  }

  /** Makes a namespace with a name of its own; it is deleted after the tests of the `describe`. */
  async freeNamespace(): Promise<string> {
    const name = `test-${randomBytes(4).toString("hex")}`;
    this.#namespaces.push(name);
    await this.kubectl("create", "namespace", name);
    const account = (): Promise<KubeObject | undefined> => this.get("serviceaccount/default", name);
    await until(`the ServiceAccount of ${name}`, PATIENCE, account);
    return name;
  }

  /** Ends a component (kube-apiserver, etcd, kubelet, …) as a crash would; only on our own cluster. */
  async kill(component: string): Promise<void> {
    await killComponent(stateDir(this.#name), component);
  }

  /** Starts again what `kill` ended. */
  async restart(component: string): Promise<void> {
    await restartComponent(stateDir(this.#name), component);
  }

  /**
   * Deletes the namespaces that were made and waits until they are gone, then uninstalls: the next tests see nothing
   * of either. In this order, because an uninstall gives every Service back that is still there, with its pods.
   */
  async cleanUp(): Promise<void> {
    const names = this.#namespaces.splice(0);
    if (names.length > 0) await this.kubectl("delete", "namespace", "--timeout=120s", ...names);
    if (this.#installed) await this.uninstall();
  }
}

/** The cluster that `npm run test:cluster` made or was given, from before the first test on. */
export const useCluster = (): (() => TestCluster) => {
  let cluster: TestCluster | undefined;
  beforeAll(async () => {
    const { options } = readOptions([], process.env);
    cluster = new TestCluster(await accessCluster(options), options.name);
  });
  afterAll(() => cluster?.cleanUp());
  return () => {
    if (cluster === undefined) throw new Error("the cluster is there from beforeAll on");
    return cluster;
  };
};
