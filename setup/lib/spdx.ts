/** What was found in an image, by the image itself. */
export interface ImageContents {
  /** The files of dpkg: what it installed, and what stands in status.d because something else put it there. */
  debian: string[];
  osRelease: string;
  /** The package.json of every npm package. */
  npm: { name?: string; version?: string; license?: unknown }[];
  /** Node, and what is built into it. */
  versions: Record<string, string>;
}

/** Which image it was; the same image has the same document. */
export interface ImageIdentity {
  name: string;
  /** `sha256:…` */
  id: string;
  createdAt: string;
}

interface Found {
  name: string;
  version: string;
  purl: string;
  license: string;
}

/** Returns the contents of an image as an SPDX 2.3 document. */
export function spdxOf(image: ImageIdentity, contents: ImageContents) {
  const found = [...debianPackages(contents), ...nodeAndItsParts(contents), ...npmPackages(contents)];
  const unique = [...new Map(found.map((one) => [one.purl, one])).values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
  const digest = image.id.replace("sha256:", "");
  const root = {
    SPDXID: "SPDXRef-image",
    name: image.name,
    versionInfo: digest.slice(0, 12),
    primaryPackagePurpose: "CONTAINER",
    checksums: [{ algorithm: "SHA256", checksumValue: digest }],
    ...UNKNOWN,
    licenseDeclared: "NOASSERTION",
  };
  const packages = unique.map(({ name, version, purl, license }, index) => ({
    SPDXID: `SPDXRef-${index + 1}-${name.replace(/[^A-Za-z0-9.-]/g, "-")}`,
    name,
    versionInfo: version,
    ...UNKNOWN,
    licenseDeclared: license,
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
  }));
  const contains = packages.map(({ SPDXID }) => relation(root.SPDXID, "CONTAINS", SPDXID));
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: image.name,
    documentNamespace: `urn:sha256:${digest}`,
    creationInfo: { created: image.createdAt.replace(/\.\d+Z$/, "Z"), creators: ["Tool: mllp-safetunnel-setup-sbom"] },
    packages: [root, ...packages],
    relationships: [relation("SPDXRef-DOCUMENT", "DESCRIBES", root.SPDXID), ...contains],
  };
}

const UNKNOWN = {
  downloadLocation: "NOASSERTION",
  filesAnalyzed: false,
  licenseConcluded: "NOASSERTION",
  copyrightText: "NOASSERTION",
};

const relation = (spdxElementId: string, relationshipType: string, relatedSpdxElement: string) => ({
  spdxElementId,
  relationshipType,
  relatedSpdxElement,
});

function debianPackages({ debian, osRelease }: ImageContents): Found[] {
  const release = /^VERSION_ID="?([^"\n]+)/m.exec(osRelease)?.[1] ?? "";
  const paragraphs = debian.flatMap((file) => file.split(/\n\n+/));
  return paragraphs.flatMap((paragraph) => {
    const field = (name: string) => new RegExp(`^${name}: (.+)$`, "m").exec(paragraph)?.[1];
    const [name, version] = [field("Package"), field("Version")];
    // what was removed stays in the file of dpkg with another status; what it did not install has none
    if (!name || !version || !(field("Status") ?? "install ok installed").endsWith(" installed")) return [];
    const source = field("Source")?.split(" ")[0];
    const qualifiers = new URLSearchParams({
      arch: field("Architecture") ?? "all",
      distro: `debian-${release}`,
      ...(source ? { upstream: source } : {}),
    });
    const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?${qualifiers}`;
    return [{ name, version, purl, license: "NOASSERTION" }];
  });
}

/** Node brings libraries of its own, an OpenSSL that is not Debian's among them. */
function nodeAndItsParts({ versions }: ImageContents): Found[] {
  return Object.entries(versions)
    .filter(([, version]) => /^\d+\./.test(version))
    .map(([name, version]) => ({
      name: name === "node" ? name : `${name} (in node)`,
      version,
      purl: `pkg:generic/${name}@${encodeURIComponent(version)}`,
      license: "NOASSERTION",
    }));
}

function npmPackages({ npm }: ImageContents): Found[] {
  return npm.flatMap(({ name, version, license }) => {
    if (!name || !version) return [];
    const known = typeof license === "string" && /^[A-Za-z0-9.+() -]+$/.test(license) && !/^(SEE|UNLI)/.test(license);
    const purl = `pkg:npm/${name.split("/").map(encodeURIComponent).join("/")}@${encodeURIComponent(version)}`;
    return [{ name, version, purl, license: known ? license : "NOASSERTION" }];
  });
}
