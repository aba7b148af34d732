/** The pod: answers at once, and tells its parent the paths in the order in which they came. */
import { createServer } from "node:net";

const seen = [];
const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {});
  socket.on("data", (bytes) => {
    seen.push(Number(bytes.latin1Slice(5, bytes.indexOf(" ", 5))));
    socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n");
  });
});
process.on("message", () => {
  process.send(seen.splice(0));
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => process.send(server.address().port));
