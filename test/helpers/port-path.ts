import type { Protocol, Revision } from "#core/revision.ts";
import { DataPath, type DataPathOptions } from "./data-path.ts";
import { PodServer } from "./pod-server.ts";
import { RawSocket } from "./raw-socket.ts";

/** A data path whose Service has one port of its own, with a protocol. */
export class PortPath implements AsyncDisposable {
  readonly path: DataPath;
  readonly host: string;
  readonly port: number;

  private constructor(path: DataPath, host: string, port: number) {
    this.path = path;
    this.host = host;
    this.port = port;
  }

  static async start(
    protocol: Protocol,
    options: DataPathOptions & { readonly revision?: Partial<Revision> } = {},
  ): Promise<PortPath> {
    const free = await PodServer.start("closed");
    const { host, ports } = free.dest;
    const port = ports[0]!;
    const path = await DataPath.start({
      ...options,
      revision: { ports: [{ name: "", port: 80, protocol }], ...options.revision },
      routes: ({ id }) => [{ id, portIndex: 0, host, port }],
    });
    return new PortPath(path, host, port);
  }

  get url(): string {
    return `http://${this.host}:${this.port}`;
  }

  connect(): Promise<RawSocket> {
    return RawSocket.connect(this.port, this.host);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.path.stop();
  }
}
