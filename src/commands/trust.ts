import { dayMs } from "../../stunnel/certificates.ts";
import { daysLeft } from "../../stunnel/inspect.ts";
import { lifetimesOf } from "../../stunnel/lifetimes.ts";
import { type Material, readMaterial } from "../../stunnel/material.ts";
import { NOT_LOADED, noticesOf } from "../../stunnel/notices.ts";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import type { Log, LogFacts } from "../log/log.ts";
import { type StunnelConf, trustPathsOf } from "../site/stunnel-conf.ts";
import type { Tunnel } from "../site/tunnel.ts";
import { type Observer, UNWATCHED } from "../watch/observer.ts";

/** What came of a reload. */
export interface Reloaded {
  /** Whether the files are others than those that Stunnel had. */
  changed: boolean;
  /** Whether every connection was cut, since the CRL takes back more than before. */
  cut: boolean;
  fingerprint256: string;
  daysLeft: number;
}

/** The configuration, certificates and CRLs that the Stunnel of a site works with, and how long they last. */
export class Trust implements Disposable {
  readonly #readConf: () => Promise<StunnelConf>;
  readonly #keepConf: (conf: StunnelConf) => Promise<void>;
  readonly #log: Log;
  readonly #observer: Observer;
  readonly #daily: NodeJS.Timeout;
  /** What Stunnel has read, which is not always what stands on the disk. */
  #conf: StunnelConf;
  #loaded: Material;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    [read, keep]: [() => Promise<StunnelConf>, (conf: StunnelConf) => Promise<void>],
    conf: StunnelConf,
    loaded: Material,
    log: Log,
    observer: Observer,
  ) {
    this.#readConf = read;
    this.#keepConf = keep;
    this.#conf = conf;
    this.#loaded = loaded;
    this.#log = log;
    this.#observer = observer;
    this.#daily = setInterval(() => void this.tell(), dayMs).unref();
  }

  /**
   * Reads a configuration, now and for each reload, and the files it names; one whose files are sound is kept.
   *
   * Throws `file-unreadable`, `invalid-certificate`, `key-mismatch`, and what reading or keeping the configuration throws.
   */
  static async load(
    read: () => Promise<StunnelConf>,
    log: Log,
    observer = UNWATCHED,
    keep: (conf: StunnelConf) => Promise<void> = async () => {},
  ): Promise<Trust> {
    const conf = await read();
    const loaded = await readMaterial(trustPathsOf(conf));
    await keep(conf);
    return new Trust([read, keep], conf, loaded, log, observer);
  }

  get conf(): StunnelConf {
    return this.#conf;
  }

  /** The certificates and lists that Stunnel has read. */
  get loaded(): Material {
    return this.#loaded;
  }

  /** Stands for the content of all files that Stunnel has read. */
  get digest(): string {
    return this.#loaded.digest;
  }

  /** Logs the days left of everything, what else is wrong with it, and whether the disk holds something newer. */
  async tell(now = new Date()): Promise<void> {
    const notices = [...lifetimesOf(this.#loaded, now), ...noticesOf(this.#loaded)];
    for (const { level, path, text, about: _, ...facts } of notices)
      this.#log[level]({ event: "certificate", path, ...facts }, `${path}: ${text.en}`);
    const onDisk = await readMaterial(this.#loaded.paths).catch((error: unknown) => reasonOf(error));
    const unlike: LogFacts = { event: "certificate-not-loaded" };
    if (typeof onDisk === "string") this.#log.error(unlike, `Stunnel could not start again: ${onDisk}`);
    else if (onDisk.digest !== this.#loaded.digest) this.#log.warn(unlike, NOT_LOADED);
  }

  /**
   * Makes Stunnel read its files again. If they are not sound, or the other side would refuse them and did not refuse the
   * old ones (unless forced), it goes on with the old ones. A CRL that takes back more than before cuts every connection,
   * because Stunnel never checks the peer of an established one again.
   *
   * Throws `file-unreadable`, `invalid-certificate`, `key-mismatch`, `tunnel-failed`.
   */
  async reload(tunnel: Tunnel, force = false): Promise<Reloaded> {
    // one after the other: the answers of Stunnel do not say whose they are
    const turn = this.#turn.then(() => this.#reload(tunnel, force));
    this.#turn = turn.catch(() => {});
    return await turn;
  }

  async #reload(tunnel: Tunnel, force: boolean): Promise<Reloaded> {
    try {
      const { conf, fresh } = await this.#readAgain(force);
      await tunnel.reload(conf);
      const [own] = fresh.chain;
      const changed = fresh.digest !== this.#loaded.digest || conf.text !== this.#conf.text;
      const cut = takesBackMore(this.#loaded, fresh);
      [this.#conf, this.#loaded] = [conf, fresh];
      const what = changed ? "the new files are in use" : "the files are the ones that Stunnel had";
      this.#log.info({ event: "tunnel-reloaded", changed }, `reloaded: ${what}`);
      if (cut) {
        this.#log.warn({ event: "connections-cut" }, "the CRL takes back more than before: every connection is cut");
        await tunnel.restart();
      }
      await this.tell();
      this.#observer.reloaded({ outcome: "done", cut });
      return { changed, cut, fingerprint256: own.fingerprint256, daysLeft: daysLeft(own, new Date()) };
    } catch (error) {
      const code = error instanceof SafeTunnelError ? error.code : undefined;
      this.#log.error({ event: "reload-refused", code }, reasonOf(error));
      this.#observer.reloaded({ outcome: "refused", cut: false, error: code });
      throw error;
    }
  }

  async #readAgain(force: boolean) {
    try {
      const conf = await this.#readConf();
      const fresh = await readMaterial(trustPathsOf(conf));
      const worse = newlyFatal(this.#loaded, fresh);
      if (worse && !force) throw new SafeTunnelError("invalid-certificate", worse, { hint: forceHint });
      // Stunnel would take a text whose files were refused at its next start
      await this.#keepConf(conf);
      return { conf, fresh };
    } catch (error) {
      if (!(error instanceof SafeTunnelError)) throw error;
      const { code, message, hint } = error;
      throw new SafeTunnelError(code, `${message}: Stunnel goes on with what it has`, { hint, cause: error });
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#daily);
  }
}

const forceHint = 'put the right files there; "certs reload --force" uses these all the same';

/** Returns what would make the other side refuse the new files, and is not so with the old ones. */
function newlyFatal(before: Material, after: Material): string | undefined {
  const now = new Date();
  const fatal = (material: Material) =>
    [...lifetimesOf(material, now), ...noticesOf(material)]
      .filter((notice) => notice.fatal)
      .map(({ path, text }) => `${path}: ${text.en}`);
  const known = fatal(before);
  return fatal(after).find((text) => !known.includes(text));
}

function takesBackMore(before: Material, after: Material): boolean {
  // two authorities may have given the same serial
  const entries = ({ crls = [] }: Material) =>
    crls.flatMap(({ issuer, revoked }) => revoked.map(({ serial }) => `${serial} ${issuer}`));
  const known = new Set(entries(before));
  return entries(after).some((entry) => !known.has(entry));
}
