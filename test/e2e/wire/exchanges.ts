import { expect, vi } from "vitest";
import { site as dpi } from "../../../dpi/site.ts";
import { site as eai } from "../../../eai/site.ts";
import { readOwnMessage } from "../../../src/commands/source.ts";
import type { Sandbox, SiteName } from "../sandbox/index.ts";
import { startCapture } from "./capture.ts";
import { cluesOf } from "./clues.ts";
import { type Connection, connectionsOf } from "./connections.ts";
import type { Packet } from "./packets.ts";

/** A leg as EAI's network shows it: its port between the sites, and its port on EAI's loopback. */
interface Leg {
  sender: SiteName;
  tlsPort: number;
  plainPort: number;
}

export const LEGS: Leg[] = [
  { sender: "eai", tlsPort: dpi.tlsPort, plainPort: eai.sendPort },
  { sender: "dpi", tlsPort: eai.tlsPort, plainPort: eai.listenPort },
];

/** How many connections each site makes, and how many bytes of messages it sends on them at least. */
export const CONNECTIONS = 6;
export const LEAST_BYTES = 1_000_000;

/** What was captured of the exchanges, on the network between the sites and on EAI's loopback. */
export class Recorded {
  /** Every packet of every interface but loopback. */
  readonly network: Packet[];
  readonly #loopback: Packet[];

  constructor(packets: Packet[]) {
    this.network = packets.filter(({ onLoopback }) => !onLoopback);
    this.#loopback = packets.filter(({ onLoopback }) => onLoopback);
  }

  /** All connections between the sites. */
  between(): Connection[] {
    return connectionsOf(this.network.flatMap(({ segment }) => segment ?? []));
  }

  /** The connections on loopback that carried a message of a leg; EAI's own look at its health leaves empty ones. */
  plain({ plainPort }: Leg): Connection[] {
    const segments = this.#loopback.flatMap(({ segment }) => segment ?? []);
    const ofLeg = segments.filter(({ sourcePort, targetPort }) => [sourcePort, targetPort].includes(plainPort));
    return connectionsOf(ofLeg).filter(({ asked }) => asked.length > 0);
  }
}

/** Sends messages both ways under a capture that sees each connection from its beginning to its end. */
export async function recordExchanges(sandbox: Sandbox): Promise<Recorded> {
  await using capture = await startCapture(sandbox);
  await Promise.all(LEGS.map(({ sender }) => exchange(sandbox, sender)));
  // a connection ends a moment after its last acknowledgment, and tcpdump tells of it a moment later
  const ended = (connections: Connection[]) => connections.filter((connection) => connection.ended).length;
  await vi.waitFor(
    () => {
      const recorded = new Recorded(capture.packets());
      expect(ended(recorded.between())).toBe(LEGS.length * CONNECTIONS);
      for (const leg of LEGS) expect(ended(recorded.plain(leg))).toBe(CONNECTIONS);
    },
    { timeout: 20_000, interval: 200 },
  );
  return new Recorded(await capture.end());
}

async function exchange(sandbox: Sandbox, sender: SiteName): Promise<void> {
  await sandbox.send(sender);
  const own = await readOwnMessage(sender);
  const note = `${cluesOf(own).patient.join(" ")} `;
  const input = Buffer.concat([own.payload, Buffer.from(`NTE|1||${note.repeat(LEAST_BYTES / note.length + 1)}\r`)]);
  const large = await sandbox.exec(sender, ["send", "--json", "-"], { input });
  expect(large).toMatchObject({ code: 0, stdout: expect.stringContaining('"AA"') });
  await sandbox.mustExec(sender, "send", "--count", "8", "--connections", `${CONNECTIONS - 2}`);
}
