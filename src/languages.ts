/** The languages in which a report can be read. */
export const LANGS = ["en", "fr"] as const;
export type Lang = (typeof LANGS)[number];

/** A sentence in each of them. */
export type Text = Readonly<Record<Lang, string>>;

/** What is said in the same words in every language: a name, a number, another program's line. */
export const same = (text: string): Text => ({ en: text, fr: text });

/** Joins what is told of several things; French has a space before all marks but the comma. */
export const joined = (texts: Text[], mark: "," | ";" | ":" = ";"): Text => ({
  en: texts.map(({ en }) => en).join(`${mark} `),
  fr: texts.map(({ fr }) => fr).join(mark === "," ? ", " : ` ${mark} `),
});
