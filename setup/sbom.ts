/** Writes what an image holds as SPDX 2.3: "npm run -s sbom -- mllp-safetunnel/eai:dev". The image tells it itself. */
import { spawnSync } from "node:child_process";
import { SafeTunnelError } from "../src/errors.ts";
import { ExitCode, print, printError } from "../src/terminal.ts";
import { type ImageContents, spdxOf } from "./lib/spdx.ts";

/** Runs in the image, with the Node that is there, and reads files only. */
const LOOK = `
const { globSync, readFileSync } = require("node:fs");
const read = (path) => readFileSync(path, "utf8");
const isPackage = (path) => /\\/node_modules\\/(@[^/]+\\/)?[^/]+\\/package\\.json$/.test(path) || path === "/app/package.json";
const npm = globSync(["/app/package.json", "/{app,usr/local/lib}/**/node_modules/**/package.json"]).filter(isPackage);
const pick = ({ name, version, license }) => ({ name, version, license });
console.log(JSON.stringify({
  debian: ["/var/lib/dpkg/status", ...globSync("/var/lib/dpkg/status.d/*")].map(read),
  osRelease: read("/etc/os-release"),
  npm: npm.map((path) => pick(JSON.parse(read(path)))),
  versions: process.versions,
}));`;

try {
  const [image] = process.argv.slice(2);
  if (!image) {
    throw new SafeTunnelError("invalid-setting", "no image is named", {
      hint: "name one: npm run -s sbom -- mllp-safetunnel/eai:dev",
    });
  }
  const [id = "", createdAt = ""] = docker(image, [
    "image",
    "inspect",
    "--format",
    "{{.Id}} {{.Created}}",
    image,
  ]).split(" ");
  const look = docker(image, [
    "run",
    "--rm",
    "--network",
    "none",
    "--read-only",
    "--entrypoint",
    "node",
    id,
    "-e",
    LOOK,
  ]);
  print(JSON.stringify(spdxOf({ name: image, id, createdAt }, JSON.parse(look) as ImageContents), null, 2));
} catch (error) {
  printError(error);
  process.exitCode = ExitCode.failed;
}

function docker(image: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync("docker", args, { encoding: "utf8", maxBuffer: 64 << 20 });
  if (status === 0) return stdout.trim();
  const why = error?.message ?? stderr.trim();
  throw new SafeTunnelError("file-unreadable", `cannot look into the image ${image}: ${why}`, {
    hint: 'build it with "docker compose build"; "docker image ls" lists those that are here',
  });
}
