// The page's end of the line to its worker: asks, and hears of every change.

import type { Failure, FailureCode, Given, Gives, Name, Progress, Question, State, Word } from "./ask.js";
import { startWorker } from "./workers.js";

/** Why an ask was not answered. Its message is for whoever helps; the page has its own sentences. */
export class Refusal extends Error {
  readonly code: FailureCode;
  readonly detail: string;

  constructor(failure: Failure) {
    super(failure.detail);
    this.name = "Refusal";
    this.code = failure.code;
    this.detail = failure.detail;
  }
}

interface Waiting {
  resolve(gives: unknown): void;
  reject(refusal: Refusal): void;
}

/** Asks the worker. The promise is rejected with a `Refusal`, and with nothing else. */
export function ask<N extends Name>(name: N, given: Given<N>): Promise<Gives<N>> {
  // The browser answers this to a page alone; the worker then reads the answer.
  const asked = name === "ask-persistence" ? navigator.storage?.persist?.() : undefined;
  return Promise.resolve(asked).then(() => put(name, given)) as Promise<Gives<N>>;
}

/** Starts the worker before it is asked anything. */
export function wakeWorker(): void {
  worker ??= connect();
}

/** Calls back with the state, now if it is known, and after each change; returns how to stop that. */
export function onState(listener: (state: State) => void): () => void {
  listeners.add(listener);
  if (last !== null) {
    listener(last);
  }
  return () => listeners.delete(listener);
}

/** Calls back while a log is read. */
export function onProgress(listener: (progress: Progress) => void): () => void {
  watchers.add(listener);
  return () => watchers.delete(listener);
}

const waiting = new Map<number, Waiting>();
const listeners = new Set<(state: State) => void>();
const watchers = new Set<(progress: Progress) => void>();
let next = 1;
let last: State | null = null;
let worker: Worker | null = null;

function put(name: Name, given: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const id = next++;
    waiting.set(id, { resolve, reject });
    worker ??= connect();
    worker.postMessage({ id, name, given } satisfies Question);
  });
}

function connect(): Worker {
  const made = startWorker("worker.js");
  made.addEventListener("message", (event: MessageEvent<Word>) => hear(event.data));
  // A worker that could not be loaded, or died, answers nobody: whoever waits is told, and the next ask
  // starts another. What was written is whole, before or after. [WEB-5]
  made.addEventListener("error", (event) => {
    event.preventDefault();
    made.terminate();
    if (worker === made) {
      worker = null;
    }
    fail({ code: "defect", detail: event.message || "the page's worker could not be started" });
  });
  return made;
}

function hear(word: Word): void {
  if ("state" in word) {
    last = word.state;
    listeners.forEach((listener) => listener(word.state));
  } else if ("progress" in word) {
    watchers.forEach((watcher) => watcher(word.progress));
  } else {
    const question = waiting.get(word.id);
    waiting.delete(word.id);
    if ("failure" in word) {
      question?.reject(new Refusal(word.failure));
    } else {
      question?.resolve(word.gives);
    }
  }
}

function fail(failure: Failure): void {
  const all = [...waiting.values()];
  waiting.clear();
  all.forEach((question) => question.reject(new Refusal(failure)));
}
