import { describe, expect, test } from "vitest";
import { blocksOf, copyToRun, documents, expectBlock, isProvedElsewhere } from "./sandbox/documents.ts";
import { Sandbox } from "./sandbox/index.ts";

const project = `safetunnel-docs-${process.pid}`;
const ports = { EAI_TLS_PORT: "0", DPI_TLS_PORT: "0", PROMETHEUS_PORT: "0", ALERTMANAGER_PORT: "0", GRAFANA_PORT: "0" };
const env = { ...ports, COMPOSE_PROJECT_NAME: project, HEALTH_INTERVAL: "2s" };

describe("documents", async () => {
  // a French document holds the blocks of the English one, as the test below says
  for (const document of (await documents()).filter((name) => !name.endsWith(".fr.md"))) {
    const blocks = (await blocksOf(document)).filter((block) => !isProvedElsewhere(block));
    if (blocks.length === 0) continue;
    test(document, { timeout: 240_000 }, async () => {
      await using directory = await copyToRun();
      const sandbox = new Sandbox(project, env);
      await using _ = {
        [Symbol.asyncDispose]: async () =>
          void (await sandbox.compose([
            "--profile",
            "watch",
            "down",
            "--volumes",
            "--remove-orphans",
            "--timeout",
            "0",
          ])),
      };
      for (const block of blocks) await expectBlock(block, directory.path, env);
    });
  }
});

test("the two languages of a document hold the same blocks", async () => {
  const all = await documents();
  const french = all.filter((document) => document.endsWith(".fr.md"));
  expect(french).toContain("README.fr.md");
  for (const document of french) {
    const english = document.replace(".fr.md", ".md");
    const commands = async (name: string) => (await blocksOf(name)).map(({ command, output }) => [command, output]);
    expect([document, await commands(document)]).toEqual([document, await commands(english)]);
  }
});
