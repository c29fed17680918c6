// The page on the home screen, where the browser offers that.

interface Offer extends Event {
  prompt(): Promise<{ outcome: string }>;
}

let offer: Offer | null = null;

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event as Offer;
});

export function canInstall(): boolean {
  return offer !== null;
}

export function isInstalled(): boolean {
  return matchMedia("(display-mode: standalone)").matches;
}

/** Lets the browser ask; returns whether the visitor agreed. */
export async function install(): Promise<boolean> {
  const asked = offer;
  offer = null;
  return asked !== null && (await asked.prompt()).outcome === "accepted";
}
