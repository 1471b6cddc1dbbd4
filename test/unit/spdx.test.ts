import { expect, test } from "vitest";
import { type ImageContents, spdxOf } from "../../setup/lib/spdx.ts";

const image = {
  name: "mllp-safetunnel/eai:1.2.3",
  id: `sha256:${"ab".repeat(32)}`,
  createdAt: "2026-11-21T16:00:56.71Z",
};
const debian = (name: string, version: string, more = "") =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n${more}`;
const contents: ImageContents = {
  debian: [
    `${debian("openssl", "3.5.7-1", "Source: openssl-src (3.5.7)\n")}\n${debian("perl", "5.40").replace("install ok installed", "deinstall ok config-files")}`,
    "Package: stunnel4\nVersion: 3:5.74-2\nArchitecture: amd64\n",
  ],
  osRelease: 'NAME="Debian GNU/Linux"\nVERSION_ID="13"\n',
  npm: [
    { name: "pino", version: "10.4.0", license: "MIT" },
    { name: "@scope/two", version: "1.0.0", license: "SEE LICENSE IN file" },
    { name: "pino", version: "10.4.0", license: "MIT" },
    {},
  ],
  versions: { node: "24.21.0", openssl: "3.5.8", modules: "137", nghttp3: "" },
};
const told = (given = contents) =>
  spdxOf(image, given).packages.map((one) =>
    "externalRefs" in one ? one.externalRefs[0]?.referenceLocator : one.name,
  );

test("an image is told with what dpkg, Node and npm put there, each once", () => {
  expect(told()).toEqual([
    image.name,
    "pkg:deb/debian/openssl@3.5.7-1?arch=amd64&distro=debian-13&upstream=openssl-src",
    "pkg:deb/debian/stunnel4@3%3A5.74-2?arch=amd64&distro=debian-13",
    "pkg:generic/node@24.21.0",
    "pkg:generic/openssl@3.5.8",
    "pkg:npm/%40scope/two@1.0.0",
    "pkg:npm/pino@10.4.0",
  ]);
});

test("what was removed is not told, nor what is no package", () => {
  expect(told({ ...contents, debian: [contents.debian[0] as string], npm: [{ name: "nameless" }] })).toEqual([
    image.name,
    "pkg:deb/debian/openssl@3.5.7-1?arch=amd64&distro=debian-13&upstream=openssl-src",
    "pkg:generic/node@24.21.0",
    "pkg:generic/openssl@3.5.8",
  ]);
});

test("a licence is told where the package names one, and none is invented", () => {
  const licenses = spdxOf(image, contents).packages.map(({ name, licenseDeclared }) => [name, licenseDeclared]);
  expect(licenses).toContainEqual(["pino", "MIT"]);
  expect(licenses).toContainEqual(["@scope/two", "NOASSERTION"]);
  expect(licenses).toContainEqual(["stunnel4", "NOASSERTION"]);
});

test("the same image has the same document, in which every reference is to a package of its own id", () => {
  const document = spdxOf(image, contents);
  expect(document).toEqual(spdxOf(image, { ...contents, npm: contents.npm.toReversed() }));
  expect(document.creationInfo.created).toBe("2026-11-21T16:00:56Z");
  const ids = document.packages.map(({ SPDXID }) => SPDXID);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
  expect(document.relationships.map(({ relatedSpdxElement }) => relatedSpdxElement)).toEqual(ids);
});
