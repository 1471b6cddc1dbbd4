import { existsSync, globSync, readFileSync } from "node:fs";
import type { Page } from "./pages.ts";

/** What a fenced block may be: run by a test, what it prints or a diagram, a diagram, a file of a CI. */
const KNOWN = ["sh", "text", "mermaid", "yaml"];

/** Says which fences the test of the documents would pass by: of another kind, not at the margin, or without an end. */
export function oddFencesOf(name: string, text: string): string[] {
  const said: string[] = [];
  let isOpen = false;
  for (const [index, line] of text.split("\n").entries()) {
    const [, margin = "", marks, info = ""] = /^([\s>*+\d.-]*)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (marks === undefined) continue;
    const isWell = margin === "" && marks === "```" && (isOpen ? info === "" : KNOWN.includes(info));
    if (!isWell) said.push(`${name}:${index + 1}: ${line}`);
    isOpen = !isOpen;
  }
  return isOpen ? [...said, `${name}: a block has no end`] : said;
}

const COMMAND =
  /^(?:[A-Z_]+=\S+ )*(?:docker|npm|npx|node|sh|bash|git|sudo|export|curl|openssl|keytool|apt-get|sha256sum) /m;

/** Whether a block shows commands, which have no language. */
export const showsCommands = (text: string): boolean => COMMAND.test(text);

/** Returns the blocks that show commands and are not run: text that is not what the block before it prints. */
export function commandsNotRunIn({ sections }: Page): string[] {
  const blocks = sections.flatMap((section) => section.blocks);
  return blocks
    .filter((block, index) => {
      const isPrinted = block.followsBlock && blocks[index - 1]?.language === "sh";
      return block.language === "text" && !isPrinted && showsCommands(block.text);
    })
    .map(({ text }) => text.trimEnd());
}

const SCRIPTS = Object.keys((JSON.parse(readFileSync("package.json", "utf8")) as { scripts: object }).scripts);
const COMPOSITIONS = ["docker-compose.yml", ...globSync("{docs/examples,overlays}/**/*.yml")].map((path) =>
  readFileSync(path, "utf8"),
);
const SERVICES = COMPOSITIONS.flatMap((text) => {
  const services = text.split(/^(?=\w)/m).find((part) => part.startsWith("services:")) ?? "";
  return [...services.matchAll(/^ {2}([a-z]+):$/gm)].map(([, name]) => name);
});
/** What stands on the path of the images, beside Debian's own. */
const COMMANDS = globSync(["src/bin/*", "stunnel/gen-certs.ts", "stunnel/certs.ts"]).map((path) =>
  path.replace(/^.*\//, "").replace(/\.(?:ts|sh)$/, ""),
);
const DEBIANS = ["bash", "sh", "cat", "stat", "id", "openssl", "stunnel", "node"];

/** Says which commands in the prose of a page name a script, a service, a command or a file that is not there. */
export function wrongCommandsOf(name: string, text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, "");
  const codes = [...prose.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replace(/\s+/g, " "));
  const wrong = (code: string): string | undefined => {
    const [, script] = /^npm run (?:-s )?([a-z:-]+)/.exec(code) ?? [];
    if (script && !SCRIPTS.includes(script)) return `package.json has no script ${script}`;
    const [, file] = /^(?:sudo )?sh ([a-z/-]+\.sh)/.exec(code) ?? [];
    if (file && !existsSync(file)) return `${file} is not there`;
    const [, service, command] =
      /docker compose (?:exec|run|stop|start|restart|port)(?: -\S+(?: \S+:\S+| "[^"]*")?)* ([a-z]+)(?: ([a-z-]+))?/.exec(
        code,
      ) ?? [];
    if (service && !SERVICES.includes(service)) return `no composition has a service ${service}`;
    const isCommand = !/ (?:stop|start|restart|port) /.test(code) && command;
    if (isCommand && ![...COMMANDS, ...DEBIANS].includes(command)) return `no image has a command ${command}`;
    return undefined;
  };
  return codes.flatMap((code) => {
    const why = wrong(code);
    return why ? [`${name}: ${code}: ${why}`] : [];
  });
}
