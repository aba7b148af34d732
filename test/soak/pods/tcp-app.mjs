// A pod for the soak: speaks first, echoes, and says good-bye when the other side has said all.
import { createServer } from "node:net";

createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => {});
  socket.write("hello\n");
  socket.on("data", (chunk) => {
    if (!socket.write(chunk)) socket.pause();
  });
  socket.on("drain", () => socket.resume());
  socket.on("end", () => socket.end("bye\n"));
}).listen(Number(process.env.PORT), "127.0.0.1");
