/** What a contestant is set up for. */
export type Kind = "http" | "grpc" | "tcp";

/** One kind of request that is measured. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly kind: Kind;
  /** A message on an open connection is what is counted, not a request. */
  readonly echo?: "websocket" | "tcp";
  readonly path: string;
  readonly method?: "POST";
  readonly bodyBytes?: number;
  readonly browser?: boolean;
  /** What every contestant must answer, or nothing is measured. */
  readonly answer: { readonly bytes: number; readonly text?: string };
}

const http: readonly Omit<Row, "kind">[] = [
  { name: "bare", title: "small GET, bare head", path: "/", answer: { bytes: 12, text: "hello world\n" } },
  {
    name: "browser",
    title: "small GET, a browser's 15 fields",
    path: "/",
    browser: true,
    answer: { bytes: 12, text: "hello world\n" },
  },
  { name: "2k", title: "GET, 2 KB answer", path: "/2k", answer: { bytes: 2048 } },
  { name: "100k", title: "GET, 100 KB answer", path: "/100k", answer: { bytes: 102_400 } },
  {
    name: "post",
    title: "POST of 10 KB",
    path: "/upload",
    method: "POST",
    bodyBytes: 10_240,
    answer: { bytes: 5, text: "10240" },
  },
  { name: "chunked", title: "GET, chunked answer (4 × 512 B)", path: "/chunked", answer: { bytes: 2048 } },
  {
    name: "websocket",
    title: "WebSocket, echo of 64 bytes, per message",
    echo: "websocket",
    path: "/ws",
    answer: { bytes: 64 },
  },
];

export const rows: readonly Row[] = [
  ...http.map((row) => ({ ...row, kind: "http" as const })),
  {
    name: "grpc",
    title: "gRPC, unary call with 64 bytes each way",
    kind: "grpc",
    path: "/bench.Echo/Say",
    answer: { bytes: 69 },
  },
  {
    name: "tcp",
    title: "TCP, echo of 64 bytes, per message",
    kind: "tcp",
    echo: "tcp",
    path: "",
    answer: { bytes: 64 },
  },
];

/** What Chrome sends when it opens a page; with Host and Connection they are 15. */
export const browserFields: readonly (readonly [name: string, value: string])[] = [
  ["Cache-Control", "max-age=0"],
  ["Upgrade-Insecure-Requests", "1"],
  [
    "User-Agent",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  ],
  [
    "Accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
  ],
  ["Sec-Fetch-Site", "same-origin"],
  ["Sec-Fetch-Mode", "navigate"],
  ["Sec-Fetch-User", "?1"],
  ["Sec-Fetch-Dest", "document"],
  ["Referer", "http://hello.default.svc.cluster.local/index.html?page=1"],
  ["Accept-Encoding", "gzip, deflate, br, zstd"],
  ["Accept-Language", "en-US,en;q=0.9,de;q=0.8"],
  ["Cookie", "session=0d9f6c1e-55aa-4b0f-8a37-6f0d2c8b7a22; theme=dark; consent=yes; _id=GA1.1.987654321.17"],
  ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
];
