import { Command, InvalidArgumentError, Option } from "commander";
import type { Finding } from "../check/finding.ts";
import { htmlReport } from "../check/report/html.ts";
import { jsonReport } from "../check/report/json.ts";
import { junitReport } from "../check/report/junit.ts";
import { hasPassed, type Report } from "../check/report/report.ts";
import { SafeTunnelError } from "../errors.ts";
import { LANGS, type Lang } from "../languages.ts";
import { type Endpoint, placeOf } from "../mllp/endpoint.ts";
import { readSettings, type Settings } from "../settings.ts";
import { ExitCode, print } from "../terminal.ts";
import { type Exchanging, judge } from "./check-judge.ts";
import type { Waits } from "./check-own.ts";
import { type ConnectOptions, type Subject, subjectOfOptions, subjectOfSite } from "./check-subject.ts";
import { TableReport } from "./check-table.ts";
import { requireSendable } from "./exchange.ts";
import { explainCommand } from "./explain.ts";
import { numberOption, periodOption } from "./run.ts";
import { readMessage, readOwnMessage, stamp } from "./source.ts";
import { MAX_PAYLOAD_BYTES } from "./talk.ts";

interface CheckOptions extends Omit<ConnectOptions, "connect"> {
  connect?: Endpoint;
  conf?: string;
  exchange?: true;
  message?: string;
  timeout: number;
  lang: Lang;
  json?: true;
  junit?: true;
  html?: true;
}

const EXAMPLES = `
In a site it judges what its stunnel.conf says, the leg to the peer and the leg from it. Elsewhere --connect judges
any endpoint that takes MLLP over TLS.

Examples:
  check                             this site and its peer; nothing is sent that an application would process
  check --exchange                  have messages acknowledged as well, and a wrong one refused
  check --html --lang fr > link.html  a page for the go-live dossier
  check --connect 127.0.0.1:32100 --name dpi --cert eai.crt --key eai.key --ca ca.crt
  check explain 'SSL alert number 80'

Exit codes: 0 all passed (warnings included), 1 something failed, 2 wrong usage.
The probes show the other side certificates that it has to refuse, and its log says that it did.`;

/** The command that judges a link, and says where it stops. */
export function checkCommand(waits?: Waits): Command {
  const format = (flag: string, text: string, others: string[]) => new Option(flag, text).conflicts(others);
  return new Command("check")
    .description("Say whether a link is safe, and if it does not work, who refused whom.")
    .option("--connect <host:port>", "judge this TLS port instead of a site", endpointArgument)
    .option("--name <name>", "the name that its certificate has to bear (default: the host); repeatable", collect)
    .option("--cert <file>", "our certificate, with those behind it, as PEM")
    .option("--key <file>", "its key (default: in the same file)")
    .option("--ca <file>", "the authorities that we believe")
    .option("--crl <file>", "what they have taken back")
    .option("--expired <file>", "a certificate of ours that has ended, which the peer has to refuse")
    .option("--sibling <file>", "a certificate of the same authority with another name, which it has to refuse")
    .option("--plain-port <port>", "a port on which the peer must not be reached; repeatable", collectPort)
    .option("--conf <file>", "another stunnel.conf than that of this site")
    .option("--exchange", "have messages acknowledged: the peer's application processes them")
    .option("--message <file>", "the message for --exchange (default: the site's own)")
    .option("--timeout <duration>", "limit of an acknowledgment", periodOption("--timeout"), 5000)
    .addOption(new Option("--lang <lang>", "language of the report").choices(LANGS).default("en"))
    .addOption(format("--json", "print one JSON document", ["junit", "html"]))
    .addOption(format("--junit", "print JUnit XML", ["json", "html"]))
    .addOption(format("--html", "print one self-contained page", ["json", "junit"]))
    .addHelpText("after", EXAMPLES)
    .addCommand(explainCommand())
    .action((options: CheckOptions) => check(options, waits));
}

async function check(options: CheckOptions, waits?: Waits): Promise<void> {
  requireFitting(options);
  const startedAt = performance.now();
  const settings = await readSettings();
  const subject = await subjectOf(options, settings);
  const head = {
    site: subject.own?.site,
    peer: placeOf(subject.target.endpoint),
    peerName: subject.target.names.join(", "),
    time: new Date(),
  };
  const exchanging = await exchangingOf(options, settings);
  const write = options.json ? jsonReport : options.junit ? junitReport : options.html ? htmlReport : undefined;
  const table = write ? undefined : new TableReport(options.lang);
  table?.begin(head);
  const findings: Finding[] = [];
  const judging = judge(subject, exchanging, waits);
  for (;;) {
    const { done, value } = await judging.next();
    if (!done) {
      findings.push(value);
      table?.finding(value);
      continue;
    }
    const report: Report = { ...head, ...value, findings, durationMs: Math.round(performance.now() - startedAt) };
    table?.end(report);
    if (write) print(write(report, options.lang));
    process.exitCode = hasPassed(report) ? ExitCode.accepted : ExitCode.failed;
    return;
  }
}

const subjectOf = ({ connect, ...options }: CheckOptions, settings: Settings): Promise<Subject> =>
  connect ? subjectOfOptions({ ...options, connect }) : subjectOfSite(settings, options.conf);

async function exchangingOf({ exchange, message, timeout: timeoutMs }: CheckOptions, { siteDir }: Settings) {
  if (!exchange) return undefined;
  const probe = message === undefined ? await readOwnMessage(siteDir) : await readMessage(message, false);
  // before anything is asked, and as it will be sent
  requireSendable(stamp(probe), MAX_PAYLOAD_BYTES);
  return { message: probe, timeoutMs } satisfies Exchanging;
}

const ONLY_WITH_CONNECT = ["name", "cert", "key", "ca", "crl", "expired", "sibling", "plainPort"] as const;

function requireFitting(options: CheckOptions): void {
  const alone = options.connect ? undefined : ONLY_WITH_CONNECT.find((name) => options[name] !== undefined);
  const unfit = alone ?? (options.connect && options.conf ? "conf" : undefined);
  if (unfit)
    throw new SafeTunnelError(
      "invalid-setting",
      `--${unfit === "plainPort" ? "plain-port" : unfit} does not fit here`,
      {
        hint: "a site is judged by its stunnel.conf (--conf); an endpoint by --connect and what goes with it",
      },
    );
  if (options.message !== undefined && !options.exchange)
    throw new SafeTunnelError("invalid-setting", "--message without --exchange is not sent", {
      hint: "add --exchange",
    });
}

function endpointArgument(text: string): Endpoint {
  // an IPv6 address has brackets, or nobody could tell where its port begins
  const [, host = "", port] = /^(\[[\da-f:.]+\]|[^[\]:/]+):(\d{1,5})$/i.exec(text) ?? [];
  if (host === "" || Number(port) < 1 || Number(port) > 65535)
    throw new InvalidArgumentError("it takes a place, as dpi.hospital.example:32100 or [::1]:32100");
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

const collect = (text: string, previous: string[] = []): string[] => [...previous, text];

const collectPort = (text: string, previous: number[] = []): number[] => [
  ...previous,
  numberOption("--plain-port", 1, 65535)(text),
];
