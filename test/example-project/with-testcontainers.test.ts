/** With Testcontainers: the application in the process of the test, speaking TLS itself with DPI's certificate. */
import { type ConnectionOptions, connect } from "node:tls";
import { DockerComposeEnvironment, type StartedDockerComposeEnvironment, Wait } from "testcontainers";
import { deliver } from "./application.ts";
import { Compose, SETTINGS } from "./compose.ts";
import { cases, type Link } from "./link.ts";

const FILE = "safetunnel.yml";
// for what Testcontainers has no word for, as "docker compose run"
const compose = new Compose([FILE]);

const up = (environment: Record<string, string>, services?: string[]): Promise<StartedDockerComposeEnvironment> =>
  new DockerComposeEnvironment(import.meta.dirname, FILE)
    .withProjectName(compose.project)
    .withEnvironment({ ...SETTINGS, ...environment })
    .withClientOptions({ commandOptions: ["--no-build", ...(services ? ["--no-deps"] : [])] })
    .withDefaultWaitStrategy(Wait.forHealthCheck())
    .withStartupTimeout(90_000)
    .up(services);

async function start(): Promise<Link> {
  let environment = await up({});
  const run = async (service: "eai" | "dpi", command: string[]): Promise<string> => {
    const { exitCode, output } = await environment.getContainer(`${service}-1`).exec(command);
    if (exitCode !== 0) throw new Error(`${command.join(" ")} in ${service} ended with ${exitCode}: ${output}`);
    return output;
  };
  const [cert, key, ca] = await Promise.all(
    ["dpi.crt", "dpi.key", "ca.crt"].map((file) => run("dpi", ["cat", `/certs/${file}`])),
  );
  const open = (port: number) => () => {
    // the certificate bears the site's name, whatever the address is that it is reached by
    const options: ConnectionOptions = { host: "127.0.0.1", port, servername: "eai", minVersion: "TLSv1.2" };
    return connect({ ...options, cert, key, ca } as ConnectionOptions);
  };
  // EAI may have been made anew, with another port
  const port = () => environment.getContainer("eai-1").getMappedPort(32200);
  return {
    send: (message) => deliver(message, open(port())),
    eaiAnswers: async (misbehaviour) => {
      environment = await up({ EAI_ANSWER: misbehaviour }, ["eai"]);
    },
    stopEai: async () => void (await compose.run(["stop", "--timeout", "0", "eai"])),
    revoke: async () => {
      await compose.run(["run", "--rm", "certs", "certs", "revoke", "dpi"]);
      await run("eai", ["certs", "reload"]);
    },
    inEai: (...command) => run("eai", command),
  };
}

cases("speaking TLS itself, with Testcontainers", compose, start);
