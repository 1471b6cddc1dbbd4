import { connect } from "node:net";
import type { SafeTunnelError } from "../errors.ts";
import type { MessageFacts } from "../hl7/claim.ts";
import type { Endpoint } from "../mllp/endpoint.ts";
import { CONTROL_PORT } from "../site/control-port.ts";
import type { SiteFacts } from "../site/facts.ts";
import type { ExchangeReport } from "../watch/exchange-report.ts";
import { type Exchange, isUnsendable } from "./exchange.ts";

const MOST = 500;
const EVERY_MS = 1000;
/** Nobody waits longer for a site that hangs. */
const LIMIT_MS = 500;

/** Tells the site beside which a "send" runs of its exchanges, for its metrics and its audit trail; silent where no site listens. */
export class SiteReport {
  readonly #site: SiteFacts;
  readonly #isOfLeg: boolean;
  readonly #port: number;
  #report: ExchangeReport;
  #handedAtMs = performance.now();

  /** What goes to another place than the plain port of the site's tunnel is none of its exchanges. */
  constructor(site: SiteFacts, { host, port }: Endpoint, controlPort = CONTROL_PORT) {
    this.#site = site;
    this.#isOfLeg = host === "127.0.0.1" && port === site.sendPort;
    this.#port = controlPort;
    this.#report = emptyFor(site);
  }

  exchanged({ message, acknowledgment: { code }, durationMs, from }: Exchange, about: MessageFacts): void {
    const sizeBytes = message.payload.length;
    this.#report.exchanged.push({ ...about, code, sizeBytes, durationMs, from });
    if (this.#report.exchanged.length >= MOST || performance.now() - this.#handedAtMs > EVERY_MS) this.hand();
  }

  failed(about: MessageFacts, error: SafeTunnelError, from?: string): void {
    const { code, message: reason, hint } = error;
    this.#report.failed.push({ ...about, sendable: !isUnsendable(error), error: code, reason, hint, from });
  }

  /** Hands over what there is, while the process goes on; it ends when that has left, or cannot. */
  hand(): void {
    const report = this.#report;
    this.#report = emptyFor(this.#site);
    this.#handedAtMs = performance.now();
    if (!this.#isOfLeg || report.exchanged.length + report.failed.length === 0) return;
    const body = Buffer.from(JSON.stringify(report));
    const head = `POST /exchanges HTTP/1.1\r\nHost: site\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
    // node:http would take longer to load than most of what is to be told
    const socket = connect({ host: "127.0.0.1", port: this.#port, noDelay: true, timeout: LIMIT_MS });
    const end = () => void socket.destroy();
    socket
      .on("error", end)
      .on("timeout", end)
      .on("data", end)
      .end(Buffer.concat([Buffer.from(head), body]));
  }
}

const emptyFor = ({ name: site }: SiteFacts): ExchangeReport => ({ site, exchanged: [], failed: [] });
