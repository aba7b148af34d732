import { request } from "node:http";
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
export const checkRow = async (name: string, port: number, row: Row): Promise<void> => {
  const { status, body } = await ask(port, row);
  const { bytes, text } = row.answer;
  if (status === 200 && body.length === bytes && (text === undefined || text === body)) return;
  throw new Error(
    `${name} answers row ${row.name} with ${status} and ${body.length} bytes instead of ${bytes}`,
  );
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
