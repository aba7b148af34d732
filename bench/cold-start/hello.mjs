// The application of the cold-start bench: as little as a Node server can be.
import { createServer } from "node:http";

createServer((_, response) => response.end("hello\n")).listen(Number(process.env.PORT), "127.0.0.1");
