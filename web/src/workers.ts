// Starts the page's workers. The one Trusted Types policy of the page stands here, and it knows these
// addresses alone: no text from anywhere can become the address of a program. [WEB-10]

/** `worker.js` holds vault and key, `scanner.js` reads codes from pictures, `press.js` draws what is printed. */
export type WorkerFile = "worker.js" | "scanner.js" | "press.js";

const SERVICE_WORKER = "service-worker.js";
const FILES: readonly string[] = ["worker.js", "scanner.js", "press.js", SERVICE_WORKER];

// Not every browser's types and not every browser know Trusted Types.
interface Policy {
  createScriptURL(address: string): string;
}
interface Policies {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): Policy;
}

export function startWorker(file: WorkerFile): Worker {
  return new Worker(addressOf(file), { type: "module", name: file });
}

export async function registerServiceWorker(): Promise<ServiceWorkerRegistration | null> {
  if (!("serviceWorker" in navigator)) {
    return null;
  }
  const options: RegistrationOptions = { type: "module", updateViaCache: "none" };
  return navigator.serviceWorker.register(addressOf(SERVICE_WORKER), options);
}

const policy = makePolicy();

function addressOf(file: string): string {
  return policy.createScriptURL(file);
}

function makePolicy(): Policy {
  const rules = {
    createScriptURL(file: string): string {
      if (!FILES.includes(file)) {
        throw new TypeError("this page has no such program");
      }
      return new URL(file, import.meta.url).href;
    },
  };
  const known = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  return known ? known.createPolicy("noren", rules) : rules;
}
