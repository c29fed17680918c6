// The sentences of the owner's screens. They are loaded when one of these opens, in the language on the
// screen; a language that lacks one does not compile.

import type { PressProblem } from "../drawing.js";
import { type Language, language } from "../texts.js";
import type { Sentences } from "./telling.js";

export interface OwnerTexts {
  heading: string;
  explain: string;
  setUp: string;
  setUpWhy: string;
  rooms: string;
  roomsWhy: string;
  answer: string;
  answerWhy: string;
  form: {
    heading: string;
    explain: string;
    for: (authority: string) => string;
    name: string;
    nameHint: string;
    address: string;
    room: string;
    roomHint: string;
    kind: string;
    noKind: string;
    stay: string;
    stayHint: string;
    noStay: string;
    valid: string;
    year: string;
    event: string;
    from: string;
    to: string;
    make: string;
    counted: (characters: number, most: number) => string;
    missing: string;
    tooLong: (most: number) => string;
    badStay: string;
    badKind: string;
    badTime: string;
    endsBeforeBegin: string;
    isOver: string;
    problems: Sentences;
  };
  link: {
    loopback: string;
    plain: string;
  };
  print: {
    heading: string;
    sheet: string;
    sheetWhy: string;
    saveSheet: string;
    sheetSaved: string;
    noNumber: (authority: string) => string;
    posters: string;
    postersWhy: string;
    languages: string;
    languagesWhy: string;
    poster: string;
    tent: string;
    slips: string;
    screen: string;
    savePoster: string;
    saveTent: string;
    saveSlips: string;
    saveScreen: string;
    saved: (file: string) => string;
    link: string;
    linkWhy: string;
    copyLink: string;
    linkCopied: string;
    linkNotCopied: string;
    authority: string;
    valid: string;
    made: string;
    done: string;
  };
  leaving: {
    heading: string;
    explain: string;
    stay: string;
    leave: string;
  };
  press: Record<Exclude<PressProblem, "missing-character">, string> & {
    missingCharacter: (character: string) => string;
  };
  many: {
    heading: string;
    explain: string;
    columns: string;
    columnsWhy: string;
    kinds: string;
    example: string;
    file: string;
    read: (name: string, rooms: number) => string;
    mistakes: string;
    line: (line: number, mistake: string) => string;
    inColumn: (column: string, mistake: string) => string;
    more: (mistakes: number) => string;
    notText: string;
    noRows: string;
    tooMany: (most: number) => string;
    unclosed: string;
    unknownColumn: (name: string) => string;
    twiceColumn: (name: string) => string;
    missingColumn: (name: string) => string;
    tooManyCells: string;
    sameAs: (line: number) => string;
    papers: string;
    make: string;
    making: (done: number, all: number) => string;
    made: (rooms: number) => string;
    madeWhy: string;
    save: string;
    saved: string;
    privateFolder: string;
    postersFolder: string;
  };
  reply: {
    heading: string;
    explain: string;
    sheet: string;
    scan: string;
    scanHeading: string;
    scanExplain: string;
    picture: string;
    paste: string;
    trace: string;
    take: string;
    isRead: (venue: string) => string;
    another: string;
    codes: string;
    codesWhy: string;
    uploadCode: string;
    uploadHint: string;
    windowCode: string;
    windowHint: string;
    missingCode: string;
    swapped: string;
    wrongLength: (there: number, wanted: number) => string;
    see: string;
    willSend: string;
    venue: string;
    to: string;
    hours: string;
    wholeHours: (hours: string) => string;
    keys: string;
    authoritySees: string;
    serverSees: string;
    handOver: string;
    sentHeading: string;
    sent: (authority: string) => string;
    sentMeans: string;
    photo: string;
    done: string;
    problems: Sentences;
  };
}

/** The sentences in the language on the screen, once `speak` is done. */
export let words: OwnerTexts;

/** Loads them; each screen waits for it before it draws. */
export async function speak(): Promise<void> {
  let wanted: Language;
  let sentences: OwnerTexts;
  do {
    wanted = language;
    ({ sentences } = await LOADERS[wanted]());
    // Another may have been chosen meanwhile.
  } while (wanted !== language);
  words = sentences;
}

const LOADERS: Record<Language, () => Promise<{ sentences: OwnerTexts }>> = {
  ja: () => import("../texts/owner-ja.js"),
  en: () => import("../texts/owner-en.js"),
  ko: () => import("../texts/owner-ko.js"),
  "zh-Hans": () => import("../texts/owner-zh-Hans.js"),
  pt: () => import("../texts/owner-pt.js"),
  vi: () => import("../texts/owner-vi.js"),
};
