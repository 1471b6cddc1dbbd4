/** An element of a document, in the order in which they begin, with the text that is directly in it. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  text: string;
  parent: Element | undefined;
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const ATTRIBUTE = /\s+([\w.-]+)="([^"<]*)"/y;
const VOID = ["meta"];

/** Reads XML, or HTML that is written as strictly; throws where it is not well-formed, or has what XML 1.0 forbids. */
export function elementsOf(document: string): Element[] {
  const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(document);
  if (forbidden) throw new Error(`forbidden at ${forbidden.index}: ${JSON.stringify(forbidden[0])}`);
  const elements: Element[] = [];
  let open: Element | undefined;
  const body = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n|^<!DOCTYPE html>\n/, "");
  for (const [, tag, text = ""] of body.matchAll(/<([^<>]*)>|([^<]+|<)/g)) {
    if (tag === undefined) {
      if (open) open.text += decoded(text);
      else if (text.trim() !== "") throw new Error(`text outside of the root: ${text}`);
    } else if (tag.startsWith("/")) {
      if (tag !== `/${open?.name}`) throw new Error(`<${tag}> closes <${open?.name}>`);
      open = open?.parent;
    } else {
      if (!open && elements.length > 0) throw new Error(`a second root: ${tag}`);
      const element: Element = { ...startOf(tag), text: "", parent: open };
      elements.push(element);
      if (!tag.endsWith("/") && !VOID.includes(element.name)) open = element;
    }
  }
  if (open) throw new Error(`<${open.name}> is not closed`);
  return elements;
}

function startOf(tag: string): Pick<Element, "name" | "attributes"> {
  const name = /^[a-z][a-z0-9-]*/.exec(tag)?.[0] ?? "";
  const attributes: Record<string, string> = {};
  ATTRIBUTE.lastIndex = name.length;
  let at = name.length;
  for (let found = ATTRIBUTE.exec(tag); found; found = ATTRIBUTE.exec(tag)) {
    const [, key = "", value = ""] = found;
    if (key in attributes) throw new Error(`${key} twice in <${tag}>`);
    attributes[key] = decoded(value);
    at = ATTRIBUTE.lastIndex;
  }
  if (name === "" || !["", "/"].includes(tag.slice(at))) throw new Error(`not a tag: <${tag}>`);
  return { name, attributes };
}

function decoded(text: string): string {
  if (text === "<") throw new Error("a bare <");
  return text.replace(/&([^;]*;)?/g, (entity, name = "") => {
    const character = ENTITIES[name.slice(0, -1)];
    if (!character) throw new Error(`not an entity: ${entity}`);
    return character;
  });
}
