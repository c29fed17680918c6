// The page's worker. It alone holds the module, the vault and its key; the page has words and buttons.

import type { Question, State, Word } from "./ask.js";
import { type Answers, answers } from "./answers.js";
import { failureOf } from "./failures.js";
import init from "./noren_wasm.js";
import { Own } from "./own.js";
import { Store } from "./store.js";
import { Keeper } from "./vault.js";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const say = (word: Word): void => scope.postMessage(word);

const ready = begin();
// A module that does not start is told with the first answer.
ready.catch(() => {});

scope.addEventListener("message", (event: MessageEvent<Question>) => void answer(event.data));

async function begin(): Promise<Answers> {
  await init();
  const show = (state: State): void => say({ state });
  const keeper = new Keeper(new Store(), new Own(scope.location.href), show);
  return answers(keeper, (progress) => say({ progress }));
}

async function answer({ id, name, given }: Question): Promise<void> {
  try {
    const all = await ready;
    // The types of name and given belong together; the compiler cannot follow that through a message.
    const act = all[name] as (given: unknown) => Promise<unknown>;
    say({ id, gives: await act(given) });
  } catch (error) {
    say({ id, failure: failureOf(error) });
  }
}

