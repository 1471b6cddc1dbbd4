import { must } from "../../e2e/sandbox/index.ts";

export interface Layer {
  what: string;
  sizeBytes: number;
}

/** Returns the layers of an image that hold anything, the lowest first. */
export async function layersOf(image: string): Promise<Layer[]> {
  const format = "{{.Size}}\t{{.CreatedBy}}\t{{.Comment}}";
  const told = await must("docker", ["history", "--no-trunc", "--human=false", "--format", format, image]);
  return told
    .trim()
    .split("\n")
    .map((line) => {
      const [size, createdBy = "", comment = ""] = line.split("\t");
      const what = createdBy.replace(/^RUN (\|\d+ .*?)?\/bin\/sh -c /, "RUN ").replace(/ # buildkit$/, "") || comment;
      return { what: what.slice(0, 60), sizeBytes: Number(size) };
    })
    .filter(({ sizeBytes }) => sizeBytes > 0)
    .reverse();
}
