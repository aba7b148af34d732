import { request } from "node:http";
import { connect } from "node:http2";
import { type LoadOptions, grpcMessage, load } from "./load.ts";
import { type Row, browserFields } from "./rows.ts";

interface Answer {
  readonly status: number;
  readonly body: string;
}

const ask = (port: number, row: Pick<Row, "path" | "method" | "bodyBytes" | "browser">): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const fields = row.browser === true ? Object.fromEntries(browserFields) : {};
    const { path, method = "GET", bodyBytes = 0 } = row;
    const headers = { host: "hello.default", ...fields };
    const asked = request({ port, host: "127.0.0.1", path, method, headers, agent: false }, (response) => {
      let body = "";
      response.setEncoding("latin1").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode!, body }));
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end("x".repeat(bodyBytes));
  });

/** Throws unless the answer to this row is right. */
export const checkRow = async (name: string, row: Row, options: LoadOptions): Promise<void> => {
  const { port } = options;
  if (row.kind === "grpc") return checkGrpc(name, port, row);
  if (row.echo !== undefined) return checkEcho(name, row, options);
  const { status, body } = await ask(port, row);
  const { bytes, text } = row.answer;
  if (status === 200 && body.length === bytes && (text === undefined || text === body)) return;
  throw new Error(
    `${name} answers row ${row.name} with ${status} and ${body.length} bytes instead of ${bytes}`,
  );
};

/** Whoever makes the load of these rows looks at each message. */
const checkEcho = async (name: string, row: Row, options: LoadOptions): Promise<void> => {
  const { requests, errors } = await load(row, { ...options, connections: 1, seconds: 0.2 });
  if (requests === 0 || errors > 0)
    throw new Error(`${name} gives back ${requests} messages in row ${row.name}, ${errors} of them wrong`);
};

const checkGrpc = async (name: string, port: number, { path }: Row): Promise<void> => {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.end(grpcMessage);
    let status: string | undefined;
    stream.on("trailers", (trailers) => (status = String(trailers["grpc-status"])));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    if (status !== "0" || !Buffer.concat(chunks).equals(grpcMessage))
      throw new Error(`${name} answers a gRPC call with status ${status}`);
  } finally {
    session.destroy();
  }
};

/** Throws unless the pod gets the client's Host and fields, and is told of the client. */
export const checkForwarded = async (name: string, port: number): Promise<void> => {
  const { body } = await ask(port, { path: "/echo", browser: true });
  const { host, fields } = JSON.parse(body) as { host: string; fields: Record<string, string[]> };
  const wanted: Record<string, string> = {
    ...Object.fromEntries(browserFields.map(([field, value]) => [field.toLowerCase(), value])),
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-proto": "http",
    "x-forwarded-host": "hello.default",
  };
  const got = Object.fromEntries(
    Object.entries(fields).map(([field, [value]]) => [field.toLowerCase(), value]),
  );
  const wrong = Object.keys(wanted).filter((field) => got[field] !== wanted[field]);
  if (host !== "hello.default") wrong.push("host");
  if (wrong.length > 0) throw new Error(`${name} does not forward as it must: ${wrong.join(", ")}`);
};
