/**
 * A program for node in a container: stands on the TLS ports of both sites and behaves as it was told last. Its control
 * port takes a behaviour with PUT /<port>, and tells with GET /<port> who came there and what they said.
 */
import { createServer as createControl } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { json } from "node:stream/consumers";

/** How the impostor treats a connection; bytes are base64. */
export type Behaviour =
  | { says: string; when: "connected" | "spoken-to"; ending: "waits" | "hangs-up" }
  | { passesOnTo: { host: string; port: number } };

/** Who came, by the port that they came from, and all that they said, in base64. */
export interface Visit {
  fromPort: number;
  heard: string;
}

interface Place {
  behaviour: Behaviour;
  visits: Visit[];
}

const places = new Map<number, Place>();

for (const port of [32100, 32200]) {
  const place: Place = { behaviour: { says: "", when: "spoken-to", ending: "waits" }, visits: [] };
  places.set(port, place);
  createServer((socket) => {
    const { behaviour, visits } = place;
    const visit = { fromPort: socket.remotePort ?? 0, heard: "" };
    visits.push(visit);
    const heard: Buffer[] = [];
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      heard.push(chunk);
      visit.heard = Buffer.concat(heard).toString("base64");
    });
    if ("passesOnTo" in behaviour) passOn(socket, behaviour.passesOnTo);
    else answer(socket, behaviour);
  }).listen(port);
}

function passOn(socket: Socket, to: { host: string; port: number }): void {
  const real = connect(to).on("error", () => {});
  real.on("close", () => socket.destroy());
  socket.on("close", () => real.destroy());
  socket.pipe(real).pipe(socket);
}

function answer(socket: Socket, { says, when, ending }: Extract<Behaviour, { says: string }>): void {
  const speak = () => {
    socket.write(Buffer.from(says, "base64"));
    if (ending === "hangs-up") socket.end();
  };
  if (when === "connected") speak();
  else socket.once("data", speak);
}

createControl(async (request, response) => {
  const place = places.get(Number(request.url?.slice(1)));
  if (place && request.method === "PUT") place.behaviour = (await json(request)) as Behaviour;
  response.writeHead(place ? 200 : 404).end(JSON.stringify(place?.visits));
}).listen(9000);
