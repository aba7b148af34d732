// Says hello, and which pod it is. Save hello.yaml with another GREETING while it runs.
import { createServer } from "node:http";

const { GREETING, HOSTNAME, PORT } = process.env;

createServer((request, response) => {
  response.end(`${GREETING} from pod ${HOSTNAME}, process ${process.pid}\n`);
}).listen(PORT);
