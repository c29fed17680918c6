// What the page asks of its worker, and what the worker answers. The worker alone holds the vault, its
// key and the WebAssembly module; the page has words and buttons. Times are Unix seconds.

export type Seconds = number;

export interface VenueText {
  description: string;
  address: string;
  room: string | null;
  kind: string | null; // as in VenueKind::name, like "live-house"
}

/** What a scanned code says, before anything is kept. Nothing is sent to learn it. */
export interface Poster {
  link: string;
  venue: VenueText;
  authority: string | null; // the name of the followed or own authority whose server the link names
  validFrom: Seconds;
  validUntil: Seconds;
  isValidNow: boolean;
  typicalStay: Seconds | null;
  openVisit: string | null; // "already here": the visit that a check-in would go on with
}

export interface OpenVisit {
  id: string;
  venue: VenueText;
  arrival: Seconds;
  automaticDeparture: Seconds;
  reminderDue: Seconds;
  isReminded: boolean;
}

/** A visit whose code is forgotten: the device itself can only tell the day (UTC) and how many hours. */
export interface ClosedVisit {
  id: string;
  firstDay: Seconds;
  hours: number;
}

export interface ContactLine {
  label: string;
  value: string; // a telephone number or an address
  hours: string;
}

export interface Notice {
  id: string;
  news: "new" | "changed" | "withdrawn" | null; // null: told before, and unchanged
  level: string; // as in Level::name
  authority: string;
  text: string; // the authority's words in the first of the page's languages that it has
  advice: string;
  message: string;
  contacts: ContactLine[];
  overlapFrom: Seconds;
  overlapTo: Seconds;
  namesDate: boolean;
  timeZone: string;
  venue: VenueText | null;
  received: Seconds;
}

export interface Authority {
  name: string;
  url: string;
  fingerprint: string;
  timeZone: string; // in which it writes and reads out times
  witnesses: Witnesses | null; // that have to have seen its list
  lookedAt: Seconds | null; // when its log was last read whole
  problem: Failure | null; // why not, if the last try failed
}

/** At least so many of these, by their verifier keys. */
export interface Witnesses {
  least: number;
  keys: string[];
}

export interface DiaryEntry {
  id: string;
  venue: VenueText;
  arrival: Seconds;
  departure: Seconds;
  note: string;
}

/** Everything that a screen may show. It is sent after each change, to every tab. */
export interface State {
  vault: "none" | "open" | "locked" | "damaged"; // damaged: does not open; import and forget-all help
  protection: "device" | "passphrase" | null;
  isPersistent: boolean; // navigator.storage.persisted()
  authorities: Authority[]; // those that are followed
  own: Authority | null; // the page's own, once its server was reached, followed or not
  open: OpenVisit[];
  closed: ClosedVisit[];
  notices: Notice[];
  evidence: Evidence[];
  isRecordingDiary: boolean;
  diary: DiaryEntry[];
}

/** Two signed heads of a log that do not go together, as files: nothing in them tells who found them. */
export interface Evidence {
  authority: string;
  log: string; // with what the names of all evidence against one log begin
  name: string;
  most: number; // pieces that are kept of one log
  files: { path: string; text: string }[];
}

/** How far the reading of a log is. */
export interface Progress {
  newEntries: number;
  read: number;
}

export interface CheckedIn {
  visit: string;
  wasOpen: boolean; // the visit went on instead of a new one
  venue: VenueText;
  arrival: Seconds;
  departure: Seconds; // when it ends by itself
}

export interface SlipAnswer {
  warned: Notice[]; // empty: nothing was published for those hours until `lookedAt`
  lookedAt: Seconds;
}

/** What an owner's form says. */
export interface VenueForm {
  name: string;
  address: string;
  room: string;
  kind: string | null;
  typicalStayMinutes: number | null;
  validFrom: Seconds | null;
  validUntil: Seconds | null; // for an event, its end
}

export interface NewVenue {
  entryLink: string; // for the door
  traceText: string; // for the drawer: secret
  authority: Authority;
  telephone: string | null; // the authority's, for the papers
  form: VenueForm;
  validFrom: Seconds;
  validUntil: Seconds;
}

/** What an owner is about to hand over, for the screen that asks. */
export interface Handover {
  venue: VenueText;
  authority: Authority;
  from: Seconds;
  to: Seconds;
  keys: number;
}

export interface Asks {
  state: { gives: State };
  /** The languages that the page shows, the most wanted first, as in BCP 47: notices follow. */
  speak: { languages: string[]; gives: null };
  /** Reads a link; keeps and sends nothing. */
  read: { link: string; gives: Poster };
  /** Makes the vault if there is none, and follows the page's own authority. */
  "check-in": { link: string; arrival: Seconds | null; departure: Seconds | null; gives: CheckedIn };
  "check-out": { visit: string; departure: Seconds | null; gives: null };
  "plan-check-out": { visit: string; departure: Seconds; gives: null };
  "correct-arrival": { visit: string; arrival: Seconds; gives: null };
  "forget-visit": { visit: string; gives: null };
  /** Deletes all that this browser keeps, also of a vault that is locked or damaged. */
  "forget-all": { gives: null };
  /** The reminder to check out was shown. */
  reminded: { visit: string; gives: null };
  /** Follows another authority at its server's address, after its name and fingerprint were shown. */
  "see-authority": { address: string; gives: Authority };
  follow: { address: string; fingerprint: string; witnesses: Witnesses | null; gives: null };
  /** Asks for these witnesses of an authority that is followed, or for none. */
  "ask-witnesses": { fingerprint: string; witnesses: Witnesses | null; gives: null };
  unfollow: { fingerprint: string; gives: null };
  /** Downloads, verifies and tries all that is new; never throws for one authority's sake. */
  look: { gives: null };
  dismiss: { notice: string; gives: null };
  "forget-evidence": { log: string; gives: null };
  /** The notices on the screen have been seen. */
  seen: { notices: string[]; gives: null };
  "set-passphrase": { passphrase: string; gives: null };
  "remove-passphrase": { gives: null };
  unlock: { passphrase: string; gives: null };
  lock: { gives: null };
  "ask-persistence": { gives: boolean };
  export: { gives: Uint8Array };
  /** Whom a copy follows, before it is taken. */
  "see-copy": { file: Uint8Array; gives: Authority[] };
  /** Takes the place of what is kept: the page asks before. */
  import: { file: Uint8Array; passphrase: string | null; gives: null };
  "record-diary": { on: boolean; gives: null };
  "note-diary": { entry: string; note: string; gives: null };
  "forget-diary": { entry: string; gives: null };
  "check-slip": { link: string; from: Seconds; to: Seconds; gives: SlipAnswer };
  /** `languages`: those of the papers, the first of them largest. */
  "set-up-venue": { form: VenueForm; languages: readonly string[]; gives: NewVenue };
  /** Reads whose private sheet a text is; keeps and sends nothing. */
  "read-sheet": { trace: string; gives: VenueText };
  /** Reads a private sheet and the codes that were read out; sends nothing. */
  "see-handover": { trace: string; codes: string; gives: Handover };
  "hand-over": { trace: string; codes: string; gives: null };
}

export type Name = keyof Asks;
export type Given<N extends Name> = Omit<Asks[N], "gives">;
export type Gives<N extends Name> = Asks[N]["gives"];

/** Why an ask could not be answered: the page has a sentence for each code, in six languages. */
export interface Failure {
  code: FailureCode;
  detail: string; // the library's own words, in English, for whoever helps
}

export type FailureCode =
  | "not-a-code" // no poster of Noren's or CrowdNotifier's
  | "no-link" // nothing was scanned or pasted
  | "page-address" // the page's own address, without a code
  | "damaged-code" // a link to the page whose code cannot be read
  | "private-code" // a venue's private sheet: for nobody but its owner
  | "not-a-private-code"
  | "not-yet-valid"
  | "no-longer-valid"
  | "before-valid" // a visit of before the code was valid, and of after
  | "after-valid"
  | "too-old" // a visit that would be forgotten at once
  | "wrong-time" // departure before arrival, more than 12 hours, in the future
  | "no-such-visit"
  | "offline" // the server could not be reached
  | "refused-log" // the log contradicts what was seen, is stale or forged
  | "too-few-witnesses" // of those that the visitor asks for have seen the log
  | "other-authority" // the code belongs to an authority that is not followed
  | "elsewhere" // that authority has a page of its own, which this one cannot reach
  | "wrong-fingerprint"
  | "wrong-passphrase"
  | "short-passphrase"
  | "locked"
  | "not-an-export"
  | "wrong-codes" // upload code or window code mistyped
  | "used-codes" // the server has no open case for the code
  | "bad-form"
  | "full" // no room on the device
  | "clock" // the device's clock cannot be right
  | "damaged" // what is kept does not open
  | "defect"; // what should not happen

/** What goes to the worker. */
export interface Question {
  id: number;
  name: Name;
  given: unknown;
}

/** What comes back: an answer, or what everybody has to know. */
export type Word =
  | { id: number; gives: unknown }
  | { id: number; failure: Failure }
  | { state: State }
  | { progress: Progress };
