// Which language the page speaks, and where its sentences are. One language is loaded.

import type { Texts } from "./texts/texts.js";

export const LANGUAGES = {
  ja: "日本語",
  en: "English",
  ko: "한국어",
  "zh-Hans": "简体中文",
  pt: "Português",
  vi: "Tiếng Việt",
} as const;

export type Language = keyof typeof LANGUAGES;
export type { Texts };

/** The language on the screen, and its sentences; known once `startLanguage` is done. */
export let language: Language = "en";
export let texts: Texts;

/** Takes the language that was chosen before, or the first of the browser's that the page has. */
export async function startLanguage(): Promise<void> {
  await load(chosenBefore() ?? firstOf(navigator.languages) ?? "en");
}

/** Takes a language, and keeps the choice: the only thing that is kept outside the vault. */
export async function chooseLanguage(chosen: Language): Promise<void> {
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // A browser that keeps nothing for this page.
  }
  await load(chosen);
}

/** What belongs to some words, in the brackets of the language on the screen. */
export function inBrackets(words: string, inside: string): string {
  return language === "ja" || language === "zh-Hans" ? `${words}（${inside}）` : `${words} (${inside})`;
}

const KEY = "language";

const LOADERS: Record<Language, () => Promise<{ sentences: Texts }>> = {
  ja: () => import("./texts/ja.js"),
  en: () => import("./texts/en.js"),
  ko: () => import("./texts/ko.js"),
  "zh-Hans": () => import("./texts/zh-Hans.js"),
  pt: () => import("./texts/pt.js"),
  vi: () => import("./texts/vi.js"),
};

async function load(chosen: Language): Promise<void> {
  texts = (await LOADERS[chosen]()).sentences;
  language = chosen;
  document.documentElement.lang = chosen;
}

function chosenBefore(): Language | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept !== null && Object.hasOwn(LANGUAGES, kept) ? (kept as Language) : null;
  } catch {
    return null;
  }
}

function firstOf(wanted: readonly string[]): Language | null {
  const all = Object.keys(LANGUAGES) as Language[];
  for (const tag of wanted) {
    const main = tag.split("-")[0]?.toLowerCase();
    const found = all.find((each) => each.split("-")[0] === main);
    if (found !== undefined) {
      return found;
    }
  }
  return null;
}
