import { existsSync, globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blocksOf, DOCUMENTS_PROVED_ELSEWHERE, documents, PROVED_ELSEWHERE } from "../e2e/sandbox/documents.ts";
import { commandsNotRunIn, oddFencesOf, wrongCommandsOf } from "./page-commands.ts";
import { pageOf, readPage } from "./pages.ts";

/** Commands that are shown as text and not run as they stand: the test that runs what they are about, or the reason. */
const NOT_RUN: Record<string, string> = {
  "npm run test:e2e -- the-log-tells": "would run the tests within the tests",
  "FAULTS_SEED=1059640541 npm run test:e2e -- nothing-is-lost-or-doubled": "would run the tests within the tests",
  "npm run fuzz -- --time 5m": "a-listener-survives-any-bytes-and-tells-the-truth.test.ts",
  "npm run bench": "the-bench-is-complete-and-every-message-is-acknowledged-and-stored.test.ts",
  "npm run draw:dashboard": "needs a dashboard to which something has happened; draw-dashboard.test.ts draws one",
  "BASE_IMAGE=mllp-safetunnel/base:node24-trixie npm start":
    "a-fresh-clone-starts-with-npm-start-and-again-without-work.test.ts",
  "docker load --input sandbox.tar": "a-version-is-built-labelled-and-carried-to-a-machine-without-a-registry.test.ts",
  "docker compose --profile watch down --volumes --rmi all": "would take the engine away from the tests",
  "export LOG_COLLECTOR_IMAGE=our-mirror/rsyslog":
    "the-events-of-both-sites-arrive-at-a-collector-of-logs-with-their-fields.test.ts",
  "LOG_FORMAT=json docker compose up -d": "the-log-tells-a-story-without-patient-data.test.ts",
  "git tag --sign v1.2.3": "needs a maintainer's key, and a place to push to",
  "TAG=1.2.3 REVISION": "a-version-is-built-labelled-and-carried-to-a-machine-without-a-registry.test.ts",
  "docker image save mllp-safetunnel/eai:1.2.3":
    "a-version-is-built-labelled-and-carried-to-a-machine-without-a-registry.test.ts",
  "keytool -importcert": "needs Java",
  "sha256sum --check": "a-version-is-built-labelled-and-carried-to-a-machine-without-a-registry.test.ts",
};

const everywhere = globSync("**/*.md", { exclude: (name) => name === "node_modules" }).sort();
const seen = await documents();
const english = seen.filter((name) => !name.endsWith(".fr.md"));

test.each(everywhere)("every block of %s is of a kind that a test knows", (name) => {
  const text = readFileSync(name, "utf8");
  expect(oddFencesOf(name, text)).toEqual([]);
  const shown = text.match(/^```sh$/gm)?.length ?? 0;
  expect(shown > 0 ? seen : [...seen, name]).toContain(name);
});

test.each(seen)("the test of the documents runs every sh block of %s", async (name) => {
  const blocks = readPage(name).sections.flatMap((section) => section.blocks);
  const shown = blocks.filter(({ language }) => language === "sh").map(({ text }) => text.trim());
  expect((await blocksOf(name)).map(({ command }) => command)).toEqual(shown);
});

test("what is proved elsewhere is shown somewhere, and its proof is there", async () => {
  const shown = (await Promise.all(english.map(blocksOf))).flat().map(({ command }) => command);
  for (const [command, proof] of Object.entries(PROVED_ELSEWHERE)) {
    expect(shown).toContain(command);
    expect(existsSync(`test/e2e/${proof}`), proof).toBe(true);
  }
  for (const [document, proof] of Object.entries(DOCUMENTS_PROVED_ELSEWHERE)) {
    expect(english).toContain(document);
    expect(readFileSync(`test/e2e/${proof}`, "utf8")).toContain(document);
  }
});

test("commands that are not run are named, with the test that runs what they are about, or the reason", () => {
  const notRun = english.flatMap((name) => commandsNotRunIn(readPage(name)));
  const named = Object.keys(NOT_RUN);
  expect(notRun.filter((text) => !named.some((begin) => text.startsWith(begin)))).toEqual([]);
  expect(named.filter((begin) => !notRun.some((text) => text.startsWith(begin)))).toEqual([]);
  const proofs = Object.values(NOT_RUN).filter((why) => why.endsWith(".test.ts") && !why.includes(" "));
  expect(proofs.filter((file) => !existsSync(`test/e2e/${file}`))).toEqual([]);
});

test.each(seen)("every command in the prose of %s names what is there", (name) => {
  expect(wrongCommandsOf(name, readFileSync(name, "utf8"))).toEqual([]);
});

test("the options of check in the files for a CI are options of check", () => {
  const files = readPage("docs/check.md").sections.flatMap(({ blocks }) =>
    blocks.filter(({ language }) => language === "yaml"),
  );
  expect(files).toHaveLength(2);
  const options = files.flatMap(({ text }) => text.match(/--[a-z]+/g) ?? []);
  const source = readFileSync("src/commands/check.ts", "utf8");
  expect(options.filter((option) => !source.includes(`"${option}`))).toEqual([]);
});

test("a block that would not be run is told", () => {
  const odd = (text: string) => oddFencesOf("a.md", text);
  expect(odd("```sh\nsend\n```\n")).toEqual([]);
  expect(odd("```bash\nsend\n```\n")).toEqual(["a.md:1: ```bash"]);
  expect(odd("```\nsend\n```\n")).toEqual(["a.md:1: ```"]);
  expect(odd("```sh no-run\nsend\n```\n")).toEqual(["a.md:1: ```sh no-run"]);
  expect(odd("- x\n\n  ```sh\n  send\n  ```\n")).toEqual(["a.md:3:   ```sh", "a.md:5:   ```"]);
  expect(odd("~~~sh\nsend\n~~~\n")).toHaveLength(2);
  expect(odd("```sh\nsend\n")).toEqual(["a.md: a block has no end"]);
  const page = (text: string) => pageOf("a.md", `# A\n\n${text}`);
  expect(commandsNotRunIn(page("```text\nTAG=1 docker compose build\n```\n"))).toEqual(["TAG=1 docker compose build"]);
  expect(commandsNotRunIn(page("```sh\nsend\n```\n\n```text\ndocker says\n```\n"))).toEqual([]);
  expect(commandsNotRunIn(page("```text\nEAI site ─► DPI\n```\n"))).toEqual([]);
});

test("a command in the prose that names nothing is told", () => {
  const wrong = (code: string) =>
    wrongCommandsOf("a.md", `Ask \`${code}\` for it.\n`).map((said) => said.split(": ").at(-1));
  expect(wrong("npm run no-such")).toEqual(["package.json has no script no-such"]);
  expect(wrong("sh setup/no-such.sh")).toEqual(["setup/no-such.sh is not there"]);
  expect(wrong("docker compose exec lab send")).toEqual(["no composition has a service lab"]);
  expect(wrong("docker compose run --rm certs cert revoke eai")).toEqual(["no image has a command cert"]);
  for (const good of [
    "npm run -s sbom",
    "docker compose exec -T dpi listen",
    "docker compose stop eai",
    "sh setup/engine.sh",
  ])
    expect(wrong(good)).toEqual([]);
});
