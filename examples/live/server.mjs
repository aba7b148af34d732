// Tells the time once a second, to everyone who listens.
import { createServer } from "node:http";

createServer((request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const tell = () => response.write(`data: ${new Date().toISOString()} from process ${process.pid}\n\n`);
  tell();
  const timer = setInterval(tell, 1000);
  response.on("close", () => clearInterval(timer));
}).listen(process.env.PORT);
