// A pod for the soak: gRPC's four kinds of calls with bytes as messages. A message that begins with `S` takes a second.
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { echoService } from "../../helpers/grpc-echo.ts";

const server = new Server({ "grpc.max_receive_message_length": -1 });
server.addService(echoService, {
  unary: ({ request }, done) => void setTimeout(() => done(null, request), request[0] === 0x53 ? 1000 : 0),
  collect: (call, done) => {
    let length = 0;
    call.on("data", (message) => (length += message.length));
    call.on("end", () => done(null, Buffer.from(String(length))));
  },
  repeat: (call) => {
    for (let i = 0; i < 20; i++) call.write(call.request);
    call.end();
  },
  chat: (call) => {
    call.on("data", (message) => call.write(message));
    call.on("end", () => call.end());
  },
});
server.bindAsync(`127.0.0.1:${process.env.PORT}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
});
