import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { Command } from "commander";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { type Log, openLog } from "../log/log.ts";
import { storyStream } from "../log/story.ts";
import { readSettings, type Settings } from "../settings.ts";
import { serveControl } from "../site/control.ts";
import { examine, type HealthSource } from "../site/health.ts";
import { keepConf, readSiteConf, refuseAstray } from "../site/plain-side.ts";
import { digestOf, type StunnelConf } from "../site/stunnel-conf.ts";
import { Tunnel, type TunnelEnd } from "../site/tunnel.ts";
import { Journal } from "../store/journal.ts";
import { Outbox } from "../store/outbox.ts";
import { Store } from "../store/store.ts";
import { ExitCode } from "../terminal.ts";
import { tellReport } from "../watch/exchange-report.ts";
import { both, type Observer, UNWATCHED } from "../watch/observer.ts";
import { DEFAULT_TIMEOUT_MS, LEAST_BYTES_PER_SECOND, Sender } from "./exchange.ts";
import { tellOutbox, trimming } from "./keep.ts";
import { openAudit } from "./site-audit.ts";
import { tellEngine, tellPlainLines, watchEngine } from "./site-engine.ts";
import { startListening } from "./site-listener.ts";
import { startSending } from "./site-sender.ts";
import { SiteWatch, serveToWatchers } from "./site-watch.ts";
import { STOP_GRACE_MS, stopSignal } from "./stop.ts";
import { Trust } from "./trust.ts";

/** For the last acknowledgment to leave Stunnel; together with STOP_GRACE_MS still within Docker's 10 s. */
const TUNNEL_GRACE_MS = 1000;

/** The command that a container runs: Stunnel, the listener and the send loop of one site. */
export function siteCommand(): Command {
  return new Command("site")
    .description("Run this site: Stunnel, the listener and the send loop.")
    .addHelpText(
      "after",
      "\nSIGTERM finishes the exchange in flight and ends; SIGHUP makes Stunnel read its files again, if they are sound.",
    )
    .action(async () => {
      const settings = await readSettings();
      const log = openLog("site", settings, storyStream);
      // sockets of peers may linger: the site has ended all the same
      process.exit(await runSite(settings, log).catch((error) => fail(error, log)));
    });
}

async function runSite(settings: Settings, log: Log): Promise<number> {
  const { site } = settings;
  const stop = stopSignal();
  log.info({ event: "site-starts", node: process.version }, `${site.title} starts, with Node ${process.version}`);
  using store = Store.open(settings.dataDir, settings.storeSync, true);
  const journal = new Journal(store, settings.retention);
  const outbox = new Outbox(store, settings.retention);
  tellOutbox(outbox, log, settings.simulator);
  const readOwnConf = async () => {
    const read = await readSiteConf(settings);
    await refuseAstray(settings.engine, read);
    return read;
  };
  const conf = await readOwnConf();
  const watch = await SiteWatch.open(settings, { store, journal, outbox, conf });
  using audit = openAudit(settings, watch.connections, journal, log);
  // who hears what happens here, beside the log
  const observer = settings.watch === "off" ? UNWATCHED : both(watch.observer, audit.auditor);
  using trust = await Trust.load(readOwnConf, log, observer, (read) => keepConf(read, settings));
  watch.trust = trust;
  // a signal that comes before Stunnel runs is kept until it does: it may have read the files already
  let asked = false;
  let reload = async () => {
    asked = true;
  };
  process.on("SIGHUP", () => {
    log.info({ event: "tunnel-reload" }, "SIGHUP: Stunnel reads its configuration and certificates again");
    // what went wrong is in the log already
    reload().catch(() => {});
  });
  await using listener = await startListening({
    settings,
    journal,
    log,
    observer,
    connections: watch.connections,
    stop,
  });
  const tunnel = await startTunnel(trust.conf, settings, observer);
  const reloadAll = async (force?: boolean) => {
    const before = trust.conf;
    const done = await trust.reload(tunnel, force);
    tellPlainLines(trust.conf, log, before);
    return done;
  };
  reload = async () => void (await reloadAll());
  const page = watch.pages(() => examine(healthSourceOf(settings, tunnel)));
  const control = await serveControl({
    page,
    loaded: () => ({ digest: trust.digest, conf: digestOf(trust.conf) }),
    reload: reloadAll,
    exchanges: (report) => tellReport(report, site.name, observer),
  });
  void serveToWatchers(page, settings, log, stop);
  log.info({ event: "site-runs" }, storyOf(settings));
  tellEngine(settings, trust.conf, log);
  observer.siteStarted();
  await trust.tell();
  if (asked) reload().catch(() => {});
  const sendTo = { host: "127.0.0.1", port: site.sendPort };
  const { maxPayloadBytes } = settings;
  const limits = { timeoutMs: DEFAULT_TIMEOUT_MS, maxPayloadBytes, leastBytesPerSecond: LEAST_BYTES_PER_SECOND };
  using sender = new Sender(sendTo, limits);
  const sending = startSending(settings, outbox, sender, observer, stop);
  using _ = trimming(journal, outbox, log, observer);
  // sending ends in the ordinary way only after the stop: before, it can but fail
  const end = await Promise.race([
    tunnel.ended,
    stopped(stop),
    sending.then(() => stopped(stop)),
    watchEngine(settings, () => trust.conf, stop).then(() => stopped(stop)),
  ]).catch(async (error) => {
    // a Stunnel that outlived us would go on carrying
    await tunnel.stop(0);
    throw error;
  });
  if (end) {
    log.fatal({ event: "tunnel-ended", ...end }, `Stunnel ended (${howItEnded(end)}): this site ends with it`);
    observer.siteStopped();
    // what is in flight has no way to its peer any more
    return ExitCode.failed;
  }
  log.info({ event: "site-stops", signal: stop.reason }, `${stop.reason}: finishing the exchanges in flight`);
  const [cut, sent] = await Promise.all([
    listener?.close(STOP_GRACE_MS) ?? 0,
    Promise.race([sending.then(() => true), graceOver()]),
  ]);
  if (!sent) {
    // before our own tunnel goes, which would read like a fault of the link
    sender[Symbol.dispose]();
    const why = `had no acknowledgment within ${STOP_GRACE_MS} ms`;
    log.warn({ event: "message-kept" }, `the message in flight ${why}: it stays in the outbox`);
  }
  if (cut > 0)
    log.warn({ event: "connections-cut", cut }, `${cut} connections cut, unfinished after ${STOP_GRACE_MS} ms`);
  await tunnel.stop(TUNNEL_GRACE_MS);
  control.close();
  observer.siteStopped();
  log.info({ event: "site-stopped" }, `${site.title} has stopped`);
  return ExitCode.accepted;
}

function fail(error: unknown, log: Log): number {
  const known =
    error instanceof SafeTunnelError
      ? { code: error.code, hint: error.hint }
      : { stack: error instanceof Error ? error.stack : undefined };
  const hint = "hint" in known ? ` (hint: ${known.hint})` : "";
  log.fatal({ event: "site-failed", ...known }, `${reasonOf(error)}${hint}: this site ends`);
  return ExitCode.failed;
}

function storyOf({ site, sendEveryMs, simulator, link }: Settings): string {
  const far = link.to.connect === undefined ? site.peer : `${site.peer} (${link.to.connect})`;
  const loop = sendEveryMs === undefined || !simulator.sends ? "send loop off" : `sends every ${sendEveryMs / 1000} s`;
  return `${site.title} runs: to ${far} on 127.0.0.1:${site.sendPort} (${loop}), from ${site.peer} on TLS port ${site.tlsPort}`;
}

function healthSourceOf({ site, simulator }: Settings, tunnel: Tunnel): HealthSource {
  const { sendPort, tlsPort } = site;
  const listenPort = simulator.listens ? site.listenPort : undefined;
  const ports = [sendPort, tlsPort, ...(listenPort === undefined ? [] : [listenPort])];
  return { stunnelRuns: () => tunnel.running, ports, listenPort };
}

async function startTunnel(conf: StunnelConf, settings: Settings, observer: Observer): Promise<Tunnel> {
  const log = openLog("stunnel", settings, storyStream);
  return Tunnel.start(conf, (line) => {
    const { level, connection, text } = line;
    log[level]({ event: "stunnel", connection }, text);
    observer.tunnelLine(line);
  });
}

const graceOver = () => pause(STOP_GRACE_MS, false, { ref: false });

async function stopped(stop: AbortSignal): Promise<undefined> {
  if (!stop.aborted) await once(stop, "abort");
}

const howItEnded = ({ code, signal }: TunnelEnd) => (signal ? `signal ${signal}` : `exit code ${code}`);
